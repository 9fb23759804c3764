"""GET /v1/me/referral: the code to pass on, what came of it, and what the rules offer now."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from siyu.api import session
from siyu.domain.coupons import Benefit
from siyu.services import show_referral
from siyu.services.codes import referral_token
from siyu.services.erase_member import erase_member
from siyu.services.merge_members import merge_members
from tests.functions.calls import (
    ANN,
    BOB,
    CAT,
    Event,
    body,
    call,
    join,
    load,
    refused,
    with_headers,
)
from tests.functions.make_events import http
from tests.services.rules import bind, buy, rule, trigger
from tests.services.shop import receipt, scan
from tests.support import NOW

ORIGIN = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
MINE = load("member_wallet/referral")
CODE = referral_token(ANN)
JOINED = NOW - timedelta(days=20)


@pytest.fixture(autouse=True)
def ann() -> None:
    join(ANN, receipt(1, JOINED.date()), "ann", now=JOINED)


def mine(event: Event = MINE) -> Any:
    answer = call("member_wallet", event)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Cache-Control"] == "no-store"
    return body(answer)


def as_member(member_id: str) -> Event:
    return with_headers(MINE, authorization=f"Bearer {session.issue(member_id, NOW).token}")


def friends(count: int, first: int = 10) -> list[Any]:
    """They join by Ann's code."""
    return [
        scan(receipt(n, JOINED.date()), f"f{n}", CODE, now=JOINED + timedelta(minutes=n))
        for n in range(first, first + count)
    ]


def test_a_member_is_told_the_code_its_link_and_where_the_pictures_are() -> None:
    said = mine()
    assert (said["code"], said["link"]) == (CODE, f"{ORIGIN}/r/{CODE}")
    for picture in said["pictures"]:
        path, _, query = picture["url"].removeprefix(ORIGIN).partition("?")
        answer = call("referral_poster", http("GET", path, query=query))
        kind = {"svg": "image/svg+xml", "png": "image/png"}.get(picture["format"], "image/png")
        assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, kind)
    shown = [(picture["format"], picture["lang"]) for picture in said["pictures"]]
    assert shown == [("svg", "zh"), ("svg", "en"), ("png", None), ("card", None)]


def test_the_code_is_the_one_that_a_signup_tells() -> None:
    member = scan(receipt(2), "bob")
    assert mine(as_member(member.member_id))["code"] == member.referral_code != CODE


def test_who_has_no_session_or_was_erased_is_told_nothing() -> None:
    refused(call("member_wallet", http("GET", "/v1/me/referral")), 401, "not_signed_in")
    refused(call("member_wallet", as_member(BOB)), 404, "not_found")
    erase_member(ANN, NOW)
    refused(call("member_wallet", MINE), 404, "not_found")


def test_friends_are_counted_and_those_of_them_who_bought() -> None:
    rule()
    assert mine()["friends"] == {"joined": 0, "bought": 0, "more": False}
    found = friends(3)
    assert [one.referral for one in found] == ["bound"] * 3
    bind(join(BOB, receipt(2), "bob"), join(CAT, receipt(3), "cat"))
    for order in ("o1", "o2"):
        buy(order, 10_000, who="f10")
    buy("o3", 500, who="f11")
    trigger(found[0], "o1", "o2", "o3")
    assert mine()["friends"] == {"joined": 3, "bought": 1, "more": False}
    told = json.dumps(mine())
    assert not [one for one in found if one.member_id in told]


def test_who_was_refused_is_no_friend_and_all_accounts_count() -> None:
    bob = join(BOB, receipt(2, JOINED.date()), "bob", now=JOINED)
    cat = join(CAT, receipt(3, JOINED.date()), "cat", now=JOINED)
    bind(bob, cat, refused="returning")
    friends(1)
    merge_members(ANN, BOB, "unionid", "proof", NOW)
    assert mine(as_member(BOB))["friends"] == {"joined": 1, "bought": 0, "more": False}
    other = scan(receipt(4, JOINED.date()), "dot", bob.referral_code, now=JOINED)
    assert other.referral == "bound"
    assert mine()["friends"]["joined"] == 2


def test_beyond_a_limit_there_are_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show_referral, "FRIENDS", 2)
    friends(2)
    assert mine()["friends"] == {"joined": 2, "bought": 0, "more": False}
    friends(1, first=20)
    assert mine()["friends"] == {"joined": 2, "bought": 0, "more": True}


def test_a_member_is_told_what_the_rules_offer_now() -> None:
    rule("past", 300, rate_bp=100)
    coupon = Benefit("friend", 2_000, 9_900, 14)
    rule("now", 2, rate_bp=800, max_credit_minor=5_000, credit_days=180, coupon=coupon)
    rule("to come", -1, rate_bp=1)
    offer = {
        "enabled": True,
        "rate_bp": 800,
        "fixed_minor": None,
        "max_credit_minor": 5_000,
        "min_order_minor": 1_000,
        "hold_days": 15,
        "hold_from": "payment",
        "credit_days": 180,
        "referral_days": None,
        "new_customers_only": False,
        "first_purchase_only": False,
        "coupon": {
            "name": "friend",
            "value_minor": 2_000,
            "min_spend_minor": 9_900,
            "valid_days": 14,
        },
    }
    said = mine()
    assert (said["currency"], said["programme"]) == ("CNY", offer)


def test_a_fixed_credit_has_no_rate_and_a_pause_offers_nothing() -> None:
    rule("fixed", 300, fixed_minor=700, coupon=Benefit("friend", 1, 0, 1))
    said = mine()["programme"]
    assert (said["rate_bp"], said["fixed_minor"]) == (None, 700)
    rule("pause", 1, enabled=False, coupon=Benefit("friend", 1, 0, 1))
    said = mine()["programme"]
    assert said.pop("enabled") is False
    assert not any(said.values())
