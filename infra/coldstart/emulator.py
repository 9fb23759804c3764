"""One invocation under AWS's own runtime interface emulator, which the SAM CLI ships.

It does not tell what an INIT takes, so nothing is measured here: client and emulator are both the
real ones, and the built function answers.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from infra.coldstart.runtime_api import ColdStartError
from infra.coldstart.sample import Program, check, environment
from infra.local.engine import ROOT
from infra.local.process import free_port

MACHINES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
PATH = "/2015-03-31/functions/function/invocations"
START_SECONDS = 10.0


def emulator() -> Path:
    """Raises ColdStartError when the SAM CLI here has none."""
    name = f"aws-lambda-rie-{MACHINES.get(platform.machine(), platform.machine())}"
    found = [*ROOT.glob(f".tools/sam/lib/python*/site-packages/samcli/local/rapid/{name}")]
    if not found:
        raise ColdStartError(f"the SAM CLI ships no {name}")
    return found[0]


def invoked(python: Path, program: Program, event: dict[str, Any]) -> Any:
    """The function's answer. Raises ColdStartError when it is no success."""
    port, runtime = free_port(), f"127.0.0.1:{free_port()}"
    command = [str(emulator()), "--log-level", "error"]
    command += ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    command += ["--runtime-api-address", runtime]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, str(python), "-m", "awslambdaric", program.handler],
            cwd=program.roots[0],
            env=environment(program, runtime),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait(port, process)
            body = _post(port, event)
        finally:
            # The runtime is its child.
            os.killpg(process.pid, 9)
            process.wait()
    check(program.name, body)
    return json.loads(body)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise ColdStartError("the emulator did not start")


def _post(port: int, event: dict[str, Any]) -> bytes:
    request = Request(f"http://127.0.0.1:{port}{PATH}", json.dumps(event).encode())
    try:
        with urlopen(request, timeout=60) as answer:
            body: bytes = answer.read()
    except URLError as error:
        raise ColdStartError(f"the emulator: {error.reason}") from error
    return body
