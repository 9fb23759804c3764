"""The list of the rules says which version takes the place of which, and what each has given."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from tests.functions.calls import Event, with_body
from tests.functions.console_calls import told_by
from tests.functions.make_events import http
from tests.functions.programme_events import events, later
from tests.services.rules import buy, pair, rule, trigger

EVENTS = {name.partition("/")[2]: event for name, event in events(http).items()}


def told(event: Event) -> Any:
    return told_by("console_programme", event)


def only(**fields: Any) -> Event:
    return with_body(EVENTS["publish"], json.dumps({"rate_bp": 300, **fields}))


def test_a_correction_for_the_same_instant_decides_and_the_list_says_so() -> None:
    told(only(version="spring"))
    told(only(version="fix", rate_bp=400))
    listed = told(later(EVENTS["list"], timedelta(days=1)))
    assert listed["in_force"] == "fix"
    replaced = {one["version"]: one["replaced_by"] for one in listed["programmes"]}
    assert replaced == {"2026-1": None, "spring": "fix", "fix": None}


def test_what_a_version_gave_and_what_its_budget_has_left() -> None:
    _, bob = pair()
    rule(budget_minor=800)
    buy("1", 10_000, 3)
    buy("2", 10_000, 2)
    trigger(bob, "1", "2")
    listed = told(EVENTS["list"])
    assert {name: listed[name] for name in ("given_minor", "outstanding_minor")} == {
        "given_minor": 800,
        "outstanding_minor": 800,
    }
    version = listed["programmes"][1]
    assert (version["given_minor"], version["granted_minor"]) == (800, 800)
    assert version["budget_left_minor"] == 0
