"""Operators read and publish segmentation schemes by the console's API; nobody else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from siyu.api import session
from siyu.services import publish_scheme
from siyu.services.segment_members import segment_members
from tests.functions.calls import ANN, Event, call, refused, with_body, with_fields, with_headers
from tests.functions.console_calls import lines, told_by
from tests.functions.console_events import bearer
from tests.functions.make_events import http
from tests.functions.programme_events import later
from tests.functions.segment_events import RULES, events
from tests.support import NOW, dump

EVENTS = {
    name.partition("/")[2]: event
    for name, event in events(http).items()
    if name.startswith("console_scheme/")
}
PUBLISH = EVENTS["publish"]
FUNCTION = "console_scheme"
DEFAULT: dict[str, Any] = {
    "name": "default",
    "version": 1,
    "effective_from": None,
    "enabled": True,
    "stores": [],
    "window_days": None,
    "rule": "inverted_cdf",
    "own_lines": None,
    "high": "mean_score",
    "own_high": None,
    "cutting": "nightly",
    "min_population": 5,
    "super_user_percent": 10,
    "key_care_percent": 30,
    "new_days": 30,
    "dormant_days": 180,
    "lost_days": 365,
    "loyal_orders": 2,
}


def ask(event: Event) -> Event:
    answer: Event = call(FUNCTION, event)
    return answer


def told(event: Event) -> Any:
    return told_by(FUNCTION, event)


def only(**fields: Any) -> Event:
    """A version that says no more than these fields."""
    return with_body(PUBLISH, json.dumps(fields))


def test_before_anything_is_published_our_own_scheme_is_told_whole() -> None:
    assert told(EVENTS["list"]) == {
        "night": "2026-11-22",
        "schemes": [{**DEFAULT, "tonight": True, "next_night": True, "published_by": None}],
    }


def test_a_version_is_told_as_it_was_sent_and_counts_from_the_next_night_on(
    output: Callable[[], str],
) -> None:
    made = told(PUBLISH)
    assert made == DEFAULT | RULES | {"version": 1, "effective_from": "2026-11-23"}
    (line,) = lines(output(), "scheme_published")
    assert (line["operator"], line["scheme"], line["version"]) == ("ann", "north", 1)
    assert not {"stores", "own_lines"} & line.keys()
    changed = told(only(new_days=7))
    assert (changed["name"], changed["version"]) == ("default", 2)
    listed = told(EVENTS["list"])["schemes"]
    assert [(one["name"], one["version"], one["tonight"], one["next_night"]) for one in listed] == [
        ("default", 1, True, False),
        ("north", 1, False, True),
        ("default", 2, False, True),
    ]
    assert listed[1] == made | {"tonight": False, "next_night": True, "published_by": "ann"}
    then = told(later(EVENTS["list"], timedelta(days=1)))
    assert then["night"] == "2026-11-23"
    assert [one["tonight"] for one in then["schemes"]] == [False, True, True]
    assert len(segment_members(NOW.date())) == 1
    assert len(segment_members(NOW.date() + timedelta(days=1))) == 2


def test_the_same_rules_again_are_the_same_version() -> None:
    made = told(PUBLISH)
    before = dump()
    assert told(PUBLISH) == made
    assert told(later(PUBLISH, timedelta(days=400))) == made
    assert told(only()) == DEFAULT
    assert dump() == before


def test_own_lines_may_be_sent_in_any_order() -> None:
    lines_sent = {name: some[::-1] for name, some in RULES["own_lines"].items()}
    assert told(with_fields(PUBLISH, own_lines=lines_sent))["own_lines"] == RULES["own_lines"]
    sides = {"recency": 30, "frequency": 2, "monetary": 20_000}
    assert told(with_fields(PUBLISH, high="own", own_high=sides))["own_high"] == sides


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    told(PUBLISH)
    before = dump()
    monkeypatch.setattr(publish_scheme, "MAX_SCHEMES", 2)
    refused(ask(with_fields(PUBLISH, name="south")), 409, "too_many_schemes")
    monkeypatch.setattr(publish_scheme, "MAX_VERSIONS", 1)
    refused(ask(with_fields(PUBLISH, new_days=7)), 409, "too_many_versions")
    assert dump() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "North"},
        {"name": "a" * 21},
        {"version": 7},
        {"effective_from": "2026-11-30"},
        {"window_days": 31},
        {"window_days": "30"},
        {"rule": "inverted_cdf"},
        {"rule": "own", "own_lines": None},
        {"high": "own"},
        {"stores": ["a1b"]},
        {"stores": ["A1B"] * 501},
        {"lost_days": 179},
        {"new_days": 30.5},
        {"new_days": -1},
        {"super_user_percent": 0},
        {"key_care_percent": 101},
        {"min_population": 0},
        {"loyal_orders": 0},
        {"enabled": 1},
        {"cutting": "yearly"},
        {"own_lines": {**RULES["own_lines"], "recency": [1, 2, 3]}},
        {"own_lines": {**RULES["own_lines"], "monetary": [1, 2, 3, -4]}},
    ],
)
def test_a_version_that_makes_no_sense_is_not_published(wrong: dict[str, Any]) -> None:
    refused(ask(with_fields(PUBLISH, **wrong)), 422, "invalid_request")
    assert dump() == {}


@pytest.mark.parametrize("token", [None, "x", session.issue(ANN, NOW).token])
@pytest.mark.parametrize("case", ["list", "publish"])
def test_whoever_is_no_operator_learns_and_publishes_nothing(case: str, token: str | None) -> None:
    headers = bearer(token) if token else {"authorization": ""}
    refused(ask(with_headers(EVENTS[case], **headers)), 401, "not_signed_in")
    refused(ask(EVENTS["no_token"]), 401, "not_signed_in")
    assert dump() == {}
