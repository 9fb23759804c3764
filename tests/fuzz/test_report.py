"""The table says who reached what, and what nobody reached."""

from __future__ import annotations

from tests.fuzz.crowd import DIRECTED, FUZZ
from tests.fuzz.report import faults, rows, table

NAMED = {"POST /b": {200, 401, 503}, "GET /a": {200}}


def test_every_status_has_one_place() -> None:
    answered = {FUZZ: {"POST /b": {200, 418}}, DIRECTED: {"POST /b": {200, 401}}}
    body = rows(NAMED, answered)
    assert body == [("GET /a", "", "", "200", ""), ("POST /b", "200", "401", "503", "418")]
    assert faults(body) == [
        "GET /a: 200 not reached",
        "POST /b: 503 not reached",
        "POST /b: 418 not documented",
    ]


def test_all_reached_is_no_fault() -> None:
    answered = {FUZZ: NAMED, DIRECTED: NAMED}
    body = rows(NAMED, answered)
    assert faults(body) == []
    assert table(body).splitlines()[2] == "GET /a     200"
