"""Operators see who brought whom by the console's API, and note who is staff or suspended."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from siyu.api import session
from siyu.services import referrer_standing
from siyu.services.erase_member import erase_member
from tests.books import check_books
from tests.functions.calls import (
    ANN,
    BOB,
    CAT,
    Event,
    call,
    join,
    refused,
    with_body,
    with_fields,
    with_headers,
    with_path,
)
from tests.functions.console_calls import lines, told_by
from tests.functions.make_events import http
from tests.functions.review_events import events
from tests.services.shop import paid, receipt, refunded, settle
from tests.support import NOW, dump

EVENTS = {
    name.partition("/")[2]: event
    for name, event in events(http).items()
    if name.startswith("console_referrer/")
}
WITH_TOKEN = ["show", "suspend", "lift"]
NOTHING_NOTED: dict[str, Any] = {"staff_since": None, "suspended_at": None, "frauds": []}
FUNCTION = "console_referrer"


def ask(event: Event) -> Event:
    answer: Event = call(FUNCTION, event)
    return answer


def told(event: Event) -> Any:
    return told_by(FUNCTION, event)


def of(member: str, event: Event) -> Event:
    return with_path(event, event["rawPath"].replace(ANN, member))


def anns_friends() -> None:
    """Ann, who was brought by Cat, brought Bob. He bought twice and gave one back."""
    code = join(CAT, receipt(3), "openid-cat").referral_code
    code = join(ANN, receipt(1), "openid-ann", code).referral_code
    paid("0", 900, buyer_id="b", receipt_token=receipt(2))
    join(BOB, receipt(2), "openid-bob", code)
    for number in "12":
        paid(number, 10_000, buyer_id="b")
    refunded("2", "r", 10_000)
    settle()


def test_a_referrer_is_shown_with_all_that_came_of_them(output: Callable[[], str]) -> None:
    anns_friends()
    joined = {"at": "2026-11-22T04:00:00Z", "refused": None}
    assert told(EVENTS["show"]) == {
        "id": ANN,
        "accounts": [ANN],
        "brought_by": [{"friend": ANN, "referrer": CAT, **joined}],
        "friends": [{"friend": BOB, "referrer": ANN, **joined, "orders": 2, "net_minor": 10_900}],
        "more_friends": False,
        "credits": [
            {
                "state": "pending",
                "verdict": "approve",
                "credits": 2,
                "earned_minor": 1_000,
                "reversed_minor": 500,
                "expired_minor": 0,
            }
        ],
        "more_credits": False,
        "balance": {
            "pending_minor": 500,
            "released_minor": 0,
            "held_minor": 0,
            "earned_minor": 1_000,
            "reversed_minor": 500,
            "spent_minor": 0,
            "expired_minor": 0,
        },
        "standing": NOTHING_NOTED,
    }
    (line,) = lines(output(), "referrer_shown")
    assert (line["operator"], line["member"]) == ("cat", ANN)


def test_who_was_brought_by_nobody_and_brought_nobody_has_nothing_to_show() -> None:
    join(ANN, receipt(1), "openid-ann")
    shown = told(EVENTS["show"])
    assert (shown["brought_by"], shown["friends"], shown["credits"]) == ([], [], [])


def test_a_suspension_is_noted_once_and_lifted_with_what_it_held_back(
    output: Callable[[], str],
) -> None:
    anns_friends()
    since = {**NOTHING_NOTED, "suspended_at": "2026-11-22T04:00:00Z"}
    # Bob's orders were paid at the very second.
    assert told(EVENTS["suspend"]) == {**since, "posted": 1, "more": False}
    before = dump()
    assert told(EVENTS["suspend"]) == {**since, "posted": 0, "more": False}
    assert dump() == before
    assert told(EVENTS["show"])["standing"] == since
    assert told(EVENTS["show"])["credits"][0]["verdict"] == "block"
    assert told(EVENTS["lift"]) == {**NOTHING_NOTED, "posted": 1, "more": False}
    assert told(EVENTS["show"])["balance"]["pending_minor"] == 500
    logged = [(one["operator"], one["suspended"]) for one in lines(output(), "standing_set")]
    assert logged == [("cat", True), ("cat", True), ("cat", False)]
    check_books()


def test_staff_is_noted_apart_from_a_suspension() -> None:
    anns_friends()
    told(EVENTS["suspend"])
    staff = told(with_body(EVENTS["suspend"], '{"staff": true}'))
    assert staff["staff_since"] == staff["suspended_at"] == "2026-11-22T04:00:00Z"
    assert told(EVENTS["lift"])["staff_since"] == "2026-11-22T04:00:00Z"
    assert told(with_body(EVENTS["lift"], "{}"))["staff_since"] == "2026-11-22T04:00:00Z"


def test_more_credits_than_a_request_has_time_for_are_said_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anns_friends()
    monkeypatch.setattr(referrer_standing, "SETTLED_AT_ONCE", 1)
    assert told(EVENTS["suspend"])["more"] is True
    assert told(EVENTS["suspend"])["more"] is False
    assert told(EVENTS["show"])["balance"]["pending_minor"] == 0


@pytest.mark.parametrize("case", WITH_TOKEN)
def test_who_never_joined_or_is_gone_is_not_found(case: str) -> None:
    anns_friends()
    refused(ask(of("00000000000Z9", EVENTS[case])), 404, "not_found")
    refused(ask(of("M", EVENTS[case])), 404, "not_found")
    refused(ask(of("x" * 3_000, EVENTS[case])), 404, "not_found")
    erase_member(BOB, NOW)
    refused(ask(of(BOB, EVENTS[case])), 404, "not_found")


@pytest.mark.parametrize("token", [None, "x", session.issue(ANN, NOW).token])
@pytest.mark.parametrize("case", WITH_TOKEN)
def test_whoever_is_no_operator_learns_and_changes_nothing(case: str, token: str | None) -> None:
    anns_friends()
    before = dump()
    event = with_headers(EVENTS[case], authorization=f"Bearer {token}" if token else "")
    refused(ask(event), 401, "not_signed_in")
    refused(ask(EVENTS["no_token"]), 401, "not_signed_in")
    assert dump() == before


@pytest.mark.parametrize(
    "fields", [{"staff": 1}, {"suspended": "false"}, {"frauds": []}, {"suspended_at": None}]
)
def test_a_body_that_makes_no_sense_notes_nothing(fields: dict[str, Any]) -> None:
    anns_friends()
    before = dump()
    refused(ask(with_fields(EVENTS["suspend"], **fields)), 422, "invalid_request")
    refused(ask(with_body(EVENTS["suspend"], json.dumps([fields]))), 422, "invalid_request")
    assert dump() == before
