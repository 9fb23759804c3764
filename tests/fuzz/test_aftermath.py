"""What the look into the logs finds, and what it lets pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fuzz.aftermath import EXPECTED, errors

FAILED = json.dumps({"level": "ERROR", "message": "event_failed"})
QUIET = [
    json.dumps({"level": "WARNING", "message": "event_quarantined"}),
    json.dumps({"level": "ERROR", "message": next(iter(EXPECTED))}),
    json.dumps(["ERROR"]),
    "no JSON at all: ERROR",
]
TRACEBACK = ["Traceback (most recent call last):", '  File "handler.py", line 1', "KeyError: 'bug'"]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (QUIET, []),
        ([*QUIET, FAILED], [FAILED]),
        (TRACEBACK, ["KeyError: 'bug' (File \"handler.py\", line 1)"]),
        ([*TRACEBACK, FAILED], ["KeyError: 'bug' (File \"handler.py\", line 1)", FAILED]),
        (TRACEBACK[:2], [TRACEBACK[0]]),
    ],
)
def test_errors_and_tracebacks_are_found(
    tmp_path: Path, lines: list[str], found: list[str]
) -> None:
    log = tmp_path / "functions.log"
    log.write_text("\n".join(lines))
    assert list(errors(log)) == found
