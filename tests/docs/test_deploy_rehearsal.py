"""The commands of "The first receipt" are run as docs/deploy.md has them, against `make dev`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.laptop import empty_back_end, run
from tests.docs.reading import DOCS, blocks

pytestmark = pytest.mark.slow
FIRST = "API=http://127.0.0.1:3000"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A back end with nothing in it; its port and its folder."""
    data = tmp_path_factory.mktemp("dev")
    with empty_back_end(data) as port:
        yield port, data


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
    return text + "\n".join(rest).replace("receipt.png", str(data / "receipt.png"))


def test_the_first_receipt_makes_a_member_with_the_order_on_it(place: tuple[int, Path]) -> None:
    port, data = place
    told = run(script(port, data))
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
