"""Operators read and publish the referral rules by the console's API; nobody else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from siyu.api import console, session
from siyu.domain.programmes import PROGRAMME
from siyu.storage import programmes
from tests.functions.calls import (
    ANN,
    Event,
    body,
    call,
    refused,
    with_body,
    with_fields,
    with_headers,
)
from tests.functions.console_calls import lines, told_by
from tests.functions.make_events import http
from tests.functions.programme_events import RULES, events, later
from tests.support import NOW, dump

EVENTS = {name.partition("/")[2]: event for name, event in events(http).items()}
PUBLISH = EVENTS["publish"]
FUNCTION = "console_programme"


def ask(event: Event) -> Event:
    answer: Event = call(FUNCTION, event)
    return answer


def told(event: Event) -> Any:
    return told_by(FUNCTION, event)


def advice(answer: Event, reason: str) -> str:
    """What a refused operator is told to do."""
    assert (answer["statusCode"], body(answer)["type"]) == (409, f"urn:siyu:problem:{reason}")
    return str(body(answer)["detail"])


def only(**fields: Any) -> Event:
    """A version that says no more than it must, and these fields."""
    return with_body(PUBLISH, json.dumps({"version": "v", "rate_bp": 300, **fields}))


def test_before_anything_is_published_the_built_in_rules_are_told_whole() -> None:
    assert told(EVENTS["list"]) == {
        "in_force": "2026-1",
        "given_minor": 0,
        "taken_in_minor": 0,
        "outstanding_minor": 0,
        "programmes": [
            {
                "version": "2026-1",
                "effective_from": "2000-01-01T00:00:00Z",
                "enabled": True,
                "rate_bp": 500,
                "fixed_minor": None,
                "max_credit_minor": None,
                "min_order_minor": 1_000,
                "return_window_days": 14,
                "hold_from": "payment",
                "hold_days": 15,
                "referral_days": None,
                "credit_days": None,
                "new_customers_only": False,
                "first_purchase_only": False,
                "excluded_skus": [],
                "per_day_minor": None,
                "per_month_minor": None,
                "per_year_minor": None,
                "budget_minor": None,
                "coupon": None,
                "published_by": None,
                "replaced_by": None,
                "given_minor": 0,
                "granted_minor": None,
                "budget_left_minor": None,
                "checks": {
                    "friends_a_day": 10,
                    "friends_a_month": 50,
                    "friends_a_minute": 5,
                    "friends_per_address": 10,
                    "friends_per_device": 3,
                    "friends_per_network": 50,
                    "friends_per_delivery": 3,
                    "share_bp": 5_000,
                    "review_days": 30,
                    "frauds": 3,
                },
            }
        ],
    }


def test_a_version_is_told_as_it_was_sent_and_holds_from_its_day_on(
    output: Callable[[], str],
) -> None:
    made = told(PUBLISH)
    sent = {**RULES, "effective_from": "2027-02-28T16:00:00Z"}
    sent["coupon"] = {**sent["coupon"], "per_person": 1}
    sent["checks"] = {**made["checks"], "friends_a_day": None}
    assert {name: made[name] for name in sent} == sent
    assert (made["hold_days"], made["min_order_minor"], made["fixed_minor"]) == (15, 1_000, None)
    (line,) = lines(output(), "programme_published")
    assert (line["operator"], line["version"]) == ("ann", "2027-spring")
    assert not {"rate_bp", "coupon", "budget_minor"} & line.keys()
    listed = told(EVENTS["list"])
    gave = {"given_minor": 0, "granted_minor": 0, "budget_left_minor": 10_000_000}
    assert (listed["in_force"], listed["programmes"][1]) == (
        "2026-1",
        made | {"published_by": "ann", "replaced_by": None} | gave,
    )
    begins = programmes.load().named("2027-spring").effective_from - NOW
    almost = begins - timedelta(seconds=1)
    assert told(later(EVENTS["list"], almost))["in_force"] == "2026-1"
    assert told(later(EVENTS["list"], begins))["in_force"] == "2027-spring"


def test_versions_are_told_by_their_beginning_in_whatever_order_they_came() -> None:
    told(PUBLISH)
    told(only(version="sooner", effective_from="2027-01-01T00:00:00+08:00"))
    versions = [one["version"] for one in told(EVENTS["list"])["programmes"]]
    assert versions == ["2026-1", "sooner", "2027-spring"]


def test_a_fixed_amount_is_told_without_a_rate() -> None:
    made = told(with_body(PUBLISH, '{"version": "v", "fixed_minor": 500}'))
    assert (made["fixed_minor"], made["rate_bp"]) == (500, None)
    listed = told(EVENTS["list"])["programmes"][1]
    assert {name: listed[name] for name in made} == made
    assert listed["granted_minor"] is None


def test_without_a_day_it_begins_with_the_next_one_in_shanghai() -> None:
    assert told(only())["effective_from"] == "2026-11-22T16:00:00Z"


def test_the_same_version_again_is_the_same_even_when_it_holds_already() -> None:
    made = told(PUBLISH)
    before = dump()
    assert told(PUBLISH) == made
    assert told(later(PUBLISH, timedelta(days=400))) == made
    assert dump() == before
    open_ended = told(only())
    assert told(later(only(), timedelta(days=3))) == open_ended


@pytest.mark.parametrize(
    "changed",
    [
        {"rate_bp": 801},
        {"effective_from": "2027-03-02T00:00:00+08:00"},
        {"checks": {}},
        {"coupon": None},
        {"version": PROGRAMME.version},
    ],
)
def test_a_name_that_has_other_rules_is_taken(changed: dict[str, Any]) -> None:
    told(PUBLISH)
    before = dump()
    answer = ask(with_fields(PUBLISH, **changed))
    assert "take another name" in advice(answer, "version_exists")
    assert dump() == before


@pytest.mark.parametrize(
    ("ahead", "reason"), [(59.999, "begins_too_soon"), (0, "begins_too_soon"), (60, None)]
)
def test_a_version_begins_a_minute_ahead_at_the_earliest(ahead: float, reason: str | None) -> None:
    event = only(effective_from=(NOW + timedelta(seconds=ahead)).isoformat())
    if reason is None:
        assert told(event)["effective_from"] == "2026-11-22T04:01:00Z"
    else:
        assert "give a later effective_from" in advice(ask(event), reason)
        assert dump() == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "-x"},
        {"version": "x" * 33},
        {"version": "ä"},
        {"version": "v\n"},
        {"rate_bp": None},
        {"fixed_minor": 100},
        {"rate_bp": 10_001},
        {"rate_bp": -1},
        {"rate_bp": 5.0},
        {"rate_bp": "500"},
        {"rate_bp": True},
        {"enabled": 1},
        {"min_order_minor": 1_000_000_001},
        {"budget_minor": -1},
        {"per_day_minor": 0.5},
        {"return_window_days": 60},
        {"referral_days": -1},
        {"excluded_skus": ["x"] * 101},
        {"excluded_skus": ["x" * 65]},
        {"excluded_skus": [""]},
        {"excluded_skus": [7]},
        {"effective_from": "2027-03-01T00:00:00"},
        {"effective_from": 1_900_000_000},
        {"effective_from": "9999-12-31T23:59:59-12:00"},
        {"effective_from": "0001-01-01T00:00:00+12:00"},
        {"coupon": {"name": "Friend", "value_minor": 1, "valid_days": 1}},
        {"coupon": {"name": "friend", "value_minor": 0, "valid_days": 1}},
        {"coupon": {"name": "friend", "value_minor": 1}},
        {"checks": {"friends_a_day": 0}},
        {"checks": {"share_bp": 10_001}},
        {"checks": {"review_days": 0}},
        {"checks": {"friends_a_year": 1}},
        {"hold_days": 15},
        {"by": "bob"},
    ],
    ids=str,
)
def test_rules_that_make_no_sense_are_refused_and_nothing_is_written(wrong: dict[str, Any]) -> None:
    refused(ask(only(**wrong)), 422, "invalid_request")
    assert dump() == {}


@pytest.mark.parametrize("content", ["[]", "{}", "x", "null", '{"version": "v"}'])
def test_a_body_that_is_no_version_is_refused(content: str) -> None:
    refused(ask(with_body(PUBLISH, content)), 422, "invalid_request")
    assert dump() == {}


@pytest.mark.parametrize("case", ["list", "publish"])
@pytest.mark.parametrize(
    "token", [None, "x", session.issue(ANN, NOW).token, console.issue("ann", NOW).token[:-2] + "xx"]
)
def test_whoever_is_no_operator_reads_and_publishes_nothing(case: str, token: str | None) -> None:
    event = with_headers(EVENTS[case], authorization=f"Bearer {token}" if token else "")
    refused(ask(event), 401, "not_signed_in")
    refused(ask(EVENTS["no_token"]), 401, "not_signed_in")
    assert dump() == {}
