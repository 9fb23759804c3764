"""Operators look through what was set aside by the console's API; nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from siyu.api import console, session
from siyu.services.show_member import show_member
from tests.functions.callbacks import friend, queued
from tests.functions.calls import (
    ANN,
    Event,
    batch,
    call,
    join,
    refused,
    with_body,
    with_headers,
    with_path,
)
from tests.functions.console_calls import lines, told_by
from tests.functions.console_events import EVENT_ID, PATH, bearer, events
from tests.functions.make_events import http
from tests.services.aside import KIOSK, configure_kiosk, no_contacts_queue, put_aside, told_by_kiosk
from tests.services.shop import receipt
from tests.support import NOW, dump

EVENTS = {name.partition("/")[2]: event for name, event in events(http).items()}
WITH_TOKEN = ["list", "show", "try", "replay"]
FUNCTION = "console_quarantine"


def ask(event: Event) -> Event:
    answer: Event = call(FUNCTION, event)
    return answer


def told(event: Event) -> Any:
    return told_by(FUNCTION, event)


def of_ann() -> str:
    """Ann has joined; what the kiosk told of her purchase was set aside by the worker itself."""
    join(ANN, receipt(1), "openid-ann")
    text = told_by_kiosk(receipt_token=receipt(1))
    assert call("order_worker", batch(text)) == {"batchItemFailures": []}
    return text


def listed(query: str) -> Any:
    return told(http("GET", PATH, query=query, **bearer(console.issue("ann", NOW).token)))


def test_the_list_has_what_is_open_and_nothing_of_what_it_says() -> None:
    of_ann()
    shown = told(EVENTS["list"])
    assert shown == {
        "events": [
            {
                "id": EVENT_ID,
                "source": KIOSK,
                "reason": "unknown_source",
                "detail": "the source is not configured any more",
                "received_at": "2026-11-22T04:00:00Z",
                "attempts": 1,
                "resolution": None,
            }
        ],
        "next": None,
    }


def test_the_list_is_filtered_and_goes_on_where_it_was() -> None:
    for number in range(5):
        at = NOW + timedelta(seconds=number)
        put_aside(told_by_kiosk(), f"m{number}", at, "unknown_source")
        put_aside("{", f"n{number}", at, "not_a_message")
    assert len(told(EVENTS["list"])["events"]) == 10
    page = told(EVENTS["filtered"])
    assert [one["id"][-2:] for one in page["events"]] == ["m0", "m1"]
    query = f"source={KIOSK}&limit=2&cursor="
    page = listed(query + page["next"])
    assert [one["id"][-2:] for one in page["events"]] == ["m2", "m3"]
    page = listed(query + page["next"])
    assert ([one["id"][-2:] for one in page["events"]], page["next"]) == (["m4"], None)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "source=" + "s" * 65])
def test_a_list_that_makes_no_sense_is_refused(query: str) -> None:
    token = console.issue("ann", NOW).token
    refused(ask(http("GET", PATH, query=query, **bearer(token))), 422, "invalid_request")


def test_a_cursor_that_is_none_is_not_found() -> None:
    token = console.issue("ann", NOW).token
    refused(ask(http("GET", PATH, query="cursor=x", **bearer(token))), 404, "not_found")


def test_one_is_shown_as_it_came_and_the_log_names_who_looked(output: Callable[[], str]) -> None:
    text = of_ann()
    shown = told(EVENTS["show"])
    assert shown["message"] == text
    assert (shown["id"], shown["attempts"], shown["resolution"]) == (EVENT_ID, 1, None)
    logged = output()
    (line,) = lines(logged, "quarantine_shown")
    assert (line["operator"], line["event_id"]) == ("ann", EVENT_ID)
    assert receipt(1) not in logged


@pytest.mark.parametrize("case", WITH_TOKEN)
@pytest.mark.parametrize(
    "token",
    [
        None,
        "x",
        session.issue(ANN, NOW).token,
        session.issue(ANN, NOW, "export").token,
        console.issue("ann", NOW - console.LIFETIME).token,
        console.issue("ann", NOW + timedelta(minutes=5)).token,
        console.issue("ann", NOW).token[:-2] + "xx",
    ],
    ids=["none", "no token", "member", "export", "ended", "not begun", "forged"],
)
def test_whoever_is_no_operator_learns_and_changes_nothing(case: str, token: str | None) -> None:
    of_ann()
    before = dump()
    event = with_headers(EVENTS[case], authorization=f"Bearer {token}" if token else "")
    refused(ask(event), 401, "not_signed_in")
    assert dump() == before


def test_an_operators_token_is_nobodys_session() -> None:
    of_ann()
    me = http("GET", "/v1/me", **bearer(console.issue(ANN, NOW).token))
    refused(call("member_profile", me), 401, "not_signed_in")


@pytest.mark.parametrize("wrong", ["m1", "20261122T040000000Z-m2", "20261322T040000000Z-m1"])
@pytest.mark.parametrize("case", ["show", "try", "replay"])
def test_what_is_not_there_is_not_found(case: str, wrong: str) -> None:
    of_ann()
    path = EVENTS[case]["rawPath"].replace(EVENT_ID, wrong)
    refused(ask(with_path(EVENTS[case], path)), 404, "not_found")


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_ann()
    before = dump()
    tried = told(EVENTS["try"])
    assert (tried["dry_run"], tried["outcome"], tried["reason"]) == (
        *(True, "refused"),
        "unknown_source",
    )
    configure_kiosk(monkeypatch)
    tried = told(EVENTS["try"])
    assert (tried["outcome"], tried["resolution"]) == ("recorded", None)
    assert tried["events"] == [
        {
            "order_key": f"{KIOSK}#1",
            "outcome": "recorded",
            "net_before_minor": 0,
            "net_after_minor": 5_000,
            "counted_before_minor": 0,
            "counted_after_minor": 5_000,
            "member_known": True,
            "reason": None,
            "detail": None,
        }
    ]
    assert dump() == before


def test_after_the_mend_a_replay_counts_once_however_often_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, output: Callable[[], str]
) -> None:
    of_ann()
    again = told(EVENTS["replay"])
    assert (again["outcome"], again["reason"], again["resolution"]) == (
        *("refused", "unknown_source"),
        None,
    )
    assert told(EVENTS["list"])["events"][0]["attempts"] == 2
    configure_kiosk(monkeypatch)
    first = told(EVENTS["replay"])
    assert first["outcome"] == "recorded"
    assert first["resolution"] == {
        "outcome": "recorded",
        "by": "ann",
        "at": "2026-11-22T04:00:00Z",
        "because": None,
    }
    logged = lines(output(), "quarantine_replayed")
    assert [(one["operator"], one["event_id"], one["outcome"]) for one in logged] == [
        ("ann", EVENT_ID, "refused"),
        ("ann", EVENT_ID, "recorded"),
    ]
    before = dump()
    assert told(EVENTS["replay"]) == first
    assert dump() == before
    assert show_member(ANN).figures.net_minor == 5_000
    assert told(EVENTS["list"])["events"] == []
    assert told(EVENTS["show"])["resolution"] == first["resolution"]


@pytest.mark.parametrize(
    "content",
    ["{}", '{"dry_run": 0}', '{"dry_run": "true"}', '{"dry_run": false, "by": "bob"}', "[]", "x"],
)
def test_a_body_that_says_more_or_less_replays_nothing(content: str) -> None:
    of_ann()
    before = dump()
    refused(ask(with_body(EVENTS["replay"], content)), 422, "invalid_request")
    assert dump() == before


def test_who_it_was_is_said_by_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    of_ann()
    configure_kiosk(monkeypatch)
    token = console.issue("Bob · 运营", NOW).token
    done = told(with_headers(EVENTS["replay"], authorization=f"Bearer {token}"))
    assert done["resolution"]["by"] == "Bob · 运营"


def test_a_queue_that_does_not_take_it_leaves_the_event_open() -> None:
    put_aside(queued(friend()))
    before = dump()
    with no_contacts_queue():
        refused(ask(EVENTS["replay"]), 503, "temporarily_unavailable")
    assert dump() == before
    assert told(EVENTS["try"])["outcome"] == "requeued"
