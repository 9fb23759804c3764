"""Runs schemathesis over every route of the API, served by the local cloud over HTTP.

No answer may be an error of ours, or one that the OpenAPI document does not name. Each request
comes from an address of its own: else the limits would hide everything behind a 429.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

from infra.local.dev import receipt_token
from infra.local.engine import ROOT
from infra.local.process import free_port
from infra.local.runner import LocalCloud
from infra.local.server import Gateway, Receive, Scope, Send

FUZZ = ROOT / ".tools" / "fuzz" / "bin" / "schemathesis"
CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance,ignored_auth"
EXAMPLES = 200
SEED = 20261122


class Crowd:
    """The gateway, as if everybody had an address of their own."""

    def __init__(self, inner: Gateway) -> None:
        self._inner = inner
        self._numbers = itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        number = next(self._numbers)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        await self._inner({**scope, "client": (address, 0)}, receive, send)


def serve(cloud: LocalCloud, port: int) -> uvicorn.Server:
    """The API in a thread of this process."""
    config = uvicorn.Config(
        Crowd(Gateway(cloud)), host="127.0.0.1", port=port, log_level="warning", lifespan="off"
    )
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, name="api", daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return server


def session_of_a_member(cloud: LocalCloud) -> str:
    """Somebody to be signed in as."""
    body = {"token": receipt_token(cloud, "DEV", int(time.time())), "login_code": "fuzz.1"}
    headers = {"content-type": "application/json"}
    answer: dict[str, Any] = cloud.call("POST", "/v1/scans", headers, json.dumps(body)).json()
    return str(answer["session"]["token"])


def run(examples: int, seed: int) -> int:
    """The exit code of schemathesis: 0 when nothing was found."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="siyu-fuzz-") as folder,
        LocalCloud(Path(folder), memory=True) as cloud,
    ):
        server = serve(cloud, port)
        command = [
            str(FUZZ),
            "run",
            str(ROOT / "infra" / "openapi.json"),
            f"--url=http://127.0.0.1:{port}",
            f"--header=Authorization: Bearer {session_of_a_member(cloud)}",
            f"--checks={CHECKS}",
            f"--max-examples={examples}",
            f"--seed={seed}",
            "--phases=examples,coverage,fuzzing",
            "--warnings=off",
        ]
        code = subprocess.run(command, cwd=folder, check=False).returncode
        server.should_exit = True
    print(f"{int(code == 0)} passed, {int(code != 0)} failed")
    return code


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="requests per route")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    return run(options.examples, options.seed)


if __name__ == "__main__":
    sys.exit(main())
