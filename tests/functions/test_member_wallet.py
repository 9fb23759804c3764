"""/v1/me/credit: a member's own money and nobody else's, and a code that opens a till alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from siyu.api import console, export, session
from siyu.services.erase_member import erase_member
from siyu.services.merge_members import merge_members
from tests.functions.calls import (
    ANN,
    BOB,
    Event,
    body,
    call,
    join,
    load,
    refused,
    with_headers,
    with_path,
)
from tests.services.purse import earn, hold, settle_at
from tests.services.shop import STORE, TODAY, receipt
from tests.support import NOW, dump

CREDIT, ENTRIES, CODE = (load(f"member_wallet/{name}") for name in ("credit", "entries", "code"))
ALL = [CREDIT, ENTRIES, CODE]


@pytest.fixture(autouse=True)
def ann() -> None:
    join(ANN, receipt(1), "openid-ann")
    earn(ANN, "order-1", 1_000)


def as_member(event: Event, member_id: str) -> Event:
    token = session.issue(member_id, NOW).token
    return with_headers(event, authorization=f"Bearer {token}")


def page(member_id: str = ANN, **query: Any) -> Any:
    asked = {name: str(value) for name, value in query.items()}
    event = as_member(ENTRIES, member_id)
    text = "&".join(f"{name}={value}" for name, value in asked.items())
    return call("member_wallet", {**event, "rawQueryString": text, "queryStringParameters": asked})


def marks(answer: Any) -> list[str]:
    assert answer["statusCode"] == 200
    return [entry["id"] for entry in body(answer)["entries"]]


def test_a_member_sees_what_their_credit_comes_to() -> None:
    hold(ANN, 300)
    answer = call("member_wallet", CREDIT)
    assert answer["statusCode"] == 200
    assert body(answer) == {
        "pending_minor": 0,
        "released_minor": 700,
        "held_minor": 300,
        "currency": "CNY",
        "spendable_minor": 700,
        "earned_minor": 1_000,
        "reversed_minor": 0,
        "spent_minor": 0,
        "expired_minor": 0,
        "in_review_minor": 0,
        "next_release_on": None,
        "next_expiry_on": None,
        "next_expiry_minor": 0,
    }


def test_a_member_sees_what_ends_next_unless_it_is_spent() -> None:
    earn(ANN, "soon", 200, TODAY + timedelta(days=9))
    said = body(call("member_wallet", CREDIT))
    assert (said["next_expiry_on"], said["next_expiry_minor"]) == ("2026-12-01", 200)


def test_what_happened_to_one_purchase_has_one_name_and_its_day() -> None:
    earn(ANN, "order-2", 500, now=NOW + timedelta(days=1))
    settle_at("order-2", 0, NOW + timedelta(days=3))
    hold(ANN, 300)
    entries = body(page(limit=100))["entries"]
    about: dict[str, set[str]] = {}
    for entry in entries:
        about.setdefault(f"{entry['purchase']} {entry['purchase_on']}", set()).add(entry["kind"])
    assert sorted(map(sorted, about.values())) == [
        ["earn", "release"],
        ["earn", "release", "reverse"],
        ["hold"],
    ]
    (day,) = {name.split()[1] for name, kinds in about.items() if "reverse" in kinds}
    assert day == "2026-11-23"


@pytest.mark.parametrize("event", ALL, ids=["credit", "entries", "code"])
def test_nobody_on_the_way_keeps_what_a_wallet_says(event: Event) -> None:
    assert call("member_wallet", event)["headers"]["Cache-Control"] == "no-store"


def test_a_debt_is_shown_as_one() -> None:
    hold(ANN, 300)
    settle_at("order-1", 100)
    said = body(call("member_wallet", CREDIT))
    assert (said["released_minor"], said["spendable_minor"]) == (-200, 0)


def test_a_statement_says_what_moved_and_what_that_came_to() -> None:
    hold(ANN, 300)
    said = body(page(limit=1))
    (entry,) = said["entries"]
    assert said["next"] == entry["id"]
    assert {name: entry[name] for name in entry if name not in {"id", "purchase"}} == {
        "kind": "release",
        "at": "2026-11-22T04:00:00Z",
        "amount_minor": 1_000,
        "effect_minor": 0,
        "purchase_on": "2026-11-22",
        "programme": "2026-1",
        "store": None,
        "before": {"pending_minor": 1_000, "released_minor": -300, "held_minor": 300},
        "after": {"pending_minor": 0, "released_minor": 700, "held_minor": 300},
    }


def test_pages_follow_one_another_and_give_every_entry_once() -> None:
    for number in range(5):
        earn(ANN, f"more{number}", 10, now=NOW + timedelta(minutes=number))
    whole = marks(page(limit=100))
    assert len(set(whole)) == 12
    read, answer = marks(page(limit=5)), page(limit=5)
    while (cursor := body(answer)["next"]) is not None:
        answer = page(limit=5, cursor=cursor)
        read += marks(answer)
    assert read == whole


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "query.limit"),
        ({"limit": 101}, "query.limit"),
        ({"limit": "x"}, "query.limit"),
        ({"cursor": "x"}, "query.cursor"),
        ({"cursor": ""}, "query.cursor"),
        ({"cursor": "y" * 65}, "query.cursor"),
    ],
)
def test_a_page_that_cannot_be_is_refused(query: dict[str, Any], field: str) -> None:
    answer = page(**query)
    refused(answer, 422, "invalid_request")
    assert [error["field"] for error in body(answer)["errors"]] == [field]


def test_nobody_sees_anybody_elses_entries() -> None:
    join(BOB, receipt(2), "openid-bob")
    earn(BOB, "b1", 77)
    mine, theirs = marks(page(limit=100)), marks(page(BOB, limit=100))
    assert mine
    assert theirs
    assert not set(mine) & set(theirs)
    refused(page(cursor=theirs[0]), 422, "invalid_request")
    event = as_member(CREDIT, BOB)
    event["queryStringParameters"] = {"member_id": ANN}
    event["headers"]["x-member-id"] = ANN
    assert body(call("member_wallet", event))["earned_minor"] == 77


def test_an_answer_names_neither_orders_nor_friends() -> None:
    hold(ANN, 300)
    said = call("member_wallet", ENTRIES)["body"] + page(limit=100)["body"]
    for private in ("shop", "order-1", "00000000000F1", ANN, "h1"):
        assert private not in said.replace(f'"store": "{STORE}"', "")


def test_a_person_has_one_wallet_by_either_account() -> None:
    join(BOB, receipt(2), "openid-bob", now=NOW + timedelta(hours=1))
    earn(BOB, "b1", 77)
    merge_members(ANN, BOB, "unionid", "proof", NOW)
    assert body(call("member_wallet", as_member(CREDIT, BOB)))["released_minor"] == 1_077
    assert marks(page(BOB, limit=100)) == marks(page(ANN, limit=100))


@pytest.mark.parametrize("event", ALL, ids=["credit", "entries", "code"])
def test_only_a_session_opens_a_wallet(event: Event) -> None:
    wrong = {
        "none": "",
        "a code of the wallet": session.issue(ANN, NOW, "wallet", timedelta(minutes=5)).token,
        "an operator's": console.issue("ann", NOW).token,
        "a link's": session.issue(ANN, NOW, export.AUDIENCE, export.LIFETIME).token,
        "an old one": session.issue(ANN, NOW - timedelta(hours=3)).token,
    }
    for name, token in wrong.items():
        answer = call("member_wallet", with_headers(event, authorization=f"Bearer {token}"))
        assert (name, answer["statusCode"]) == (name, 401)


@pytest.mark.parametrize("event", ALL, ids=["credit", "entries", "code"])
def test_who_is_not_there_or_was_erased_has_none(event: Event) -> None:
    refused(call("member_wallet", as_member(event, BOB)), 404, "not_found")
    erase_member(ANN, NOW)
    refused(call("member_wallet", event), 404, "not_found")


def test_a_code_lasts_five_minutes_and_opens_nothing_else() -> None:
    before = dump()
    answer = call("member_wallet", CODE)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Cache-Control"] == "no-store"
    said = body(answer)
    assert said["expires_at"] == "2026-11-22T04:05:00Z"
    assert dump() == before
    code = said["wallet_code"]
    for name in ("member_profile/me", "member_profile/coupons", "member_consents/read"):
        event = with_headers(load(name), authorization=f"Bearer {code}")
        refused(call(name.partition("/")[0], event), 401, "not_signed_in")
    for name in ("member_privacy/export", "member_privacy/erase", "console_quarantine/list"):
        event = with_headers(load(name), authorization=f"Bearer {code}")
        refused(call(name.partition("/")[0], event), 401, "not_signed_in")
    link = with_path(load("member_privacy/download"), f"/v1/exports/{code}")
    refused(call("member_privacy", link), 404, "not_found")


def test_what_a_statement_says_is_in_the_file_of_ones_data() -> None:
    hold(ANN, 300)
    url = body(call("member_privacy", load("member_privacy/export")))["url"]
    link = with_path(load("member_privacy/download"), f"/v1/exports/{url.rpartition('/')[2]}")
    entries = body(call("member_privacy", link))["credit_entries"]
    assert entries == json.loads(page(limit=100)["body"])["entries"][::-1]
