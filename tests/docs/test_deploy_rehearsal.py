"""The commands of "The first receipt" are run as docs/deploy.md has them, against `make dev`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from infra.local.engine import ROOT
from infra.local.process import free_port
from tests.docs.reading import DOCS, blocks

pytestmark = pytest.mark.slow
FIRST = "API=http://127.0.0.1:3000"
SECONDS = 60.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A back end with nothing in it; its port and its folder."""
    port, data = free_port(), tmp_path_factory.mktemp("dev")
    command = [sys.executable, "-m", "infra.local", "dev", "--empty", "--port", str(port)]
    with (data / "out.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--data", str(data)], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait(port)
        yield port, data
    finally:
        process.terminate()
        process.wait(SECONDS)


def _wait(port: int) -> None:
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        try:
            with urlopen(f"http://127.0.0.1:{port}/docs"):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError("the back end did not start")


def script(port: int, data: Path) -> str:
    """The section's blocks in order, for this back end; the one for AWS is left out."""
    found = blocks(DOCS / "deploy.md", "sh")
    start = next(at for at, body in enumerate(found) if body.startswith(FIRST))
    stop = next(at for at, body in enumerate(found) if at > start and "siyu members show" in body)
    here, aws, *rest = found[start : stop + 1]
    assert "--stack" in aws
    text = here.replace(":3000", f":{port}").replace("--local", f"--data {data}")
    text = text.replace(".local/demo/Secrets.json", str(data / "Secrets.json"))
    # The order is attached to its member a moment after the scan.
    rest[-1] = "sleep 5\n" + rest[-1]
    return "set -eu\n" + text + "\n".join(rest).replace("receipt.png", str(data / "receipt.png"))


def test_the_first_receipt_makes_a_member_with_the_order_on_it(place: tuple[int, Path]) -> None:
    port, data = place
    done = subprocess.run(
        ["/bin/bash", "-c", script(port, data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout
    assert "store: A1B\nversion: 1\n" in told
    assert "https://shop.example/r/1A1B" in told
    assert '{"status":"accepted"}202' in told
    (answer,) = [json.loads(line) for line in told.splitlines() if line.startswith('{"member"')]
    assert answer["member"]["joined"] is True
    assert answer["coupon"] is not None
    assert answer["claim"]["status"] in {"claimed", "pending"}
    assert "\norders: 1\nnet_minor: 12800\n" in told
    assert (data / "receipt.png").read_bytes().startswith(b"\x89PNG")
    _, _, console = told.rpartition("\n{")
    assert "friends" in console
