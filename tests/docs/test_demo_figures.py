"""The output that the READMEs show is the one of the last `make demo` here, if there was one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.demo.page import render
from tests.docs.reading import READMES, ROOT, blocks, text_of

SUMMARY = ROOT / "build" / "demo" / "summary.json"
CUT = "  …"


def whole_year() -> dict[str, Any] | None:
    """What the demo came to; None where it has not run, or with other orders than its own."""
    if not SUMMARY.is_file():
        return None
    summary: dict[str, Any] = json.loads(SUMMARY.read_text(encoding="utf-8"))
    return summary if f"{summary['orders']:,} orders" in text_of(READMES[0]) else None


def lines(text: str) -> list[str]:
    """Up to the work done; of the customers who brought most, the first."""
    found = text.partition("\n\nWork done")[0].splitlines()
    customers = [line for line in found if line.startswith("  customer ")]
    return [line for line in found if line not in {*customers[1:], CUT}]


@pytest.mark.skipif(whole_year() is None, reason="`make demo` has not replayed its year here")
def test_the_readmes_show_what_the_demo_came_to() -> None:
    summary = whole_year()
    assert summary is not None
    for readme in READMES:
        (shown,) = blocks(readme, "text")
        assert CUT in shown.splitlines()
        assert lines(shown) == lines(render(summary))
