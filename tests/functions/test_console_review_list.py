"""The list of credits in doubt: oldest first over all shards, filtered, a page at a time."""

from __future__ import annotations

import base64

import pytest

from siyu.api import credit_id
from tests.functions.calls import ANN, BOB, refused
from tests.functions.make_events import http
from tests.functions.review_events import PATH
from tests.functions.reviewing import EVENTS, OPERATOR, ask, doubted, listed, told


def test_the_list_says_what_waits_and_why() -> None:
    doubted()
    assert told(EVENTS["list"]) == {
        "credits": [
            {
                "id": "c2hvcCMx",
                "order_key": "shop#1",
                "referrer": ANN,
                "friend": BOB,
                "programme": "2026-2",
                "status": "in_review",
                "state": "pending",
                "verdict": "review",
                "decision": "review",
                "reasons": ["share_of_order"],
                "opened_on": "2026-11-22",
                "release_on": "2026-12-07",
                "expires_on": None,
                "earned_minor": 500,
                "reversed_minor": 0,
                "expired_minor": 0,
                "kept_minor": 500,
                "ruling": None,
            }
        ],
        "next": None,
    }


def test_the_list_goes_on_where_it_was_over_all_shards() -> None:
    keys = [f"shop#{number:02d}" for number in range(1, 24)]
    doubted(*(key.removeprefix("shop#") for key in keys))
    seen, query = [], "limit=5"
    for _ in range(5):
        page = listed(query)
        seen.append([one["order_key"] for one in page["credits"]])
        query = f"limit=5&cursor={page['next']}"
    assert seen == [keys[at : at + 5] for at in range(0, 25, 5)]
    assert page["next"] is None


def test_the_list_is_filtered() -> None:
    doubted("1", "2", "3")
    page = told(EVENTS["filtered"])
    assert [one["order_key"] for one in page["credits"]] == ["shop#1", "shop#2"]
    page = listed(f"referrer={ANN}&reason=share_of_order&limit=2&cursor={page['next']}")
    assert [one["order_key"] for one in page["credits"]] == ["shop#3"]
    assert page["next"] is None
    assert listed(f"referrer={BOB}")["credits"] == []
    assert listed("reason=ring")["credits"] == []


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "!", "%F0%9F%98%80", "c2hvcCMx", "c2hvcCMx=", credit_id.encode("2026-11-22#")),
        credit_id.encode("20261122#shop#1"),
        credit_id.encode("2026-13-22#shop#1"),
        credit_id.encode("2026-11-22#shop#1")[:-1] + "F",
        "A" * 2_000,
        base64.urlsafe_b64encode(b"2026-11-22#\xff").decode(),
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(cursor: str) -> None:
    refused(ask(http("GET", PATH, query=f"cursor={cursor}", **OPERATOR)), 422, "invalid_request")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "reason=" + "s" * 65])
def test_a_list_that_makes_no_sense_is_refused(query: str) -> None:
    refused(ask(http("GET", PATH, query=query, **OPERATOR)), 422, "invalid_request")


@pytest.mark.parametrize(
    "key", ["shop#1", "~sale#42", "店#订单 1/2?", "a#~~~???>>>", "s#" + "é" * 99]
)
def test_any_order_key_has_one_name(key: str) -> None:
    name = credit_id.encode(key)
    assert credit_id.decode(name) == key
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
