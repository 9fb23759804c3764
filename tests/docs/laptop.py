"""A back end with nothing in it, as `make dev` starts one, and what a page runs against it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from infra.local.engine import ROOT
from infra.local.process import free_port

SECONDS = 60.0


@contextmanager
def empty_back_end(data: Path) -> Iterator[int]:
    """Its port; `data` is its folder."""
    port = free_port()
    command = [sys.executable, "-m", "infra.local", "dev", "--empty", "--port", str(port)]
    with (data / "out.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--data", str(data)], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(SECONDS)


def run(text: str) -> str:
    """What a script prints, which has to succeed."""
    done = subprocess.run(
        ["/bin/bash", "-c", f"set -eu\n{text}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _wait(port: int) -> None:
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        try:
            with urlopen(f"http://127.0.0.1:{port}/docs"):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError("the back end did not start")
