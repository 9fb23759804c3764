"""A credit that goes elsewhere is counted there and no more where it was, and what somebody ruled
about the two people goes with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from siyu.services.credit_referral import credit_referral, following
from siyu.services.record_order import record_order
from siyu.services.show_member import show_member
from siyu.services.sign_up import SignedUp
from tests.acceptance.changes import Changes
from tests.books import check_books
from tests.services.doubts import APPROVE, BLOCK, DOUBT_ALL, decide, frauds
from tests.services.rules import (
    ago,
    bind,
    buy,
    credits_by_order,
    kept,
    member,
    pair,
    rule,
    trigger,
    used,
)
from tests.services.shop import event, settle
from tests.support import NOW

CAPS = ("per_day_minor", "per_month_minor", "per_year_minor", "budget_minor")
ORDER, SALE = "shop#o1", "~sale#42"
Move = Callable[[SignedUp], str]


def told_by(source: str, order_id: str, who: str, **more: Any) -> None:
    """One of a sale's sources tells of it, paid yesterday."""
    fields: dict[str, Any] = {
        "order_id": order_id,
        "paid_minor": 10_000,
        "occurred_at": ago(1).isoformat(),
    }
    record_order(
        replace(event("order.paid", **fields, buyer={"openid": who}, **more), source=source)
    )


@pytest.mark.parametrize("keys", [(ORDER, SALE), (SALE, ORDER)])
@pytest.mark.parametrize("cap", CAPS)
def test_an_order_told_again_with_its_payment_is_counted_once(
    cap: str, keys: tuple[str, ...]
) -> None:
    ann, bob = pair()
    rule("v", 300, **{cap: 500})
    buy("o1", 10_000)
    trigger(bob, "o1")
    assert kept() == {"o1": 500}
    buy("o1", 10_000, payment_id="42")
    for key in keys:
        credit_referral(key, following({bob.member_id}), NOW)
    assert kept() == {"42": 500}
    assert set(used().values()) == {500}
    assert show_member(ann.member_id).balance.pending_minor == 500
    check_books()


@pytest.mark.parametrize("cap", CAPS)
def test_a_sale_that_moves_to_another_friend_of_the_same_referrer_is_counted_once(cap: str) -> None:
    ann, bob = pair()
    eve = member("eve", 3)
    bind(ann, eve)
    rule("v", 300, **{cap: 500})
    stream = Changes()
    told_by("till", "t1", "eve", payment_id="42")
    stream.follow()
    assert credits_by_order()["42"].referee_id == eve.member_id
    told_by("shop", "o1", "bob", payment_id="42")
    stream.follow()
    assert credits_by_order()["42"].referee_id == bob.member_id
    assert kept() == {"42": 500}
    assert set(used().values()) == {500}
    assert show_member(ann.member_id).balance.pending_minor == 500
    check_books()


def test_a_payment_told_earlier_is_counted_on_its_own_day() -> None:
    _, bob = pair()
    rule(per_day_minor=500)
    buy("o1", 10_000, days_ago=2)
    buy("o2", 10_000, days_ago=1)
    trigger(bob, "o1", "o2")
    assert kept() == {"o1": 500, "o2": 500}
    buy("o2", 10_000, days_ago=2)
    trigger(bob, "o2")
    assert kept() == {"o1": 500}
    assert used() == {"2026-11-20": 500, "2026-11-21": 0, "2026-11": 500, "2026": 500}
    buy("o3", 10_000, days_ago=1)
    trigger(bob, "o3")
    assert kept() == {"o1": 500, "o3": 500}
    check_books()


def test_a_payment_told_earlier_under_other_rules_gives_back_and_is_counted_anew() -> None:
    _, bob = pair()
    rule("a", 10, budget_minor=700)
    rule("b", 5, rate_bp=400, budget_minor=400)
    buy("o1", 10_000, days_ago=4)
    trigger(bob, "o1")
    assert kept() == {"o1": 400}
    buy("o1", 10_000, days_ago=6)
    trigger(bob, "o1")
    buy("o2", 10_000, days_ago=6)
    buy("o3", 10_000, days_ago=4)
    trigger(bob, "o2", "o3")
    assert kept() == {"o1": 500, "o2": 200, "o3": 400}
    check_books()


def earlier(bob: SignedUp) -> str:
    """The payment of o1 is told earlier, so other rules decide; the credit's key from then on."""
    buy("o1", 10_000, days_ago=6)
    trigger(bob, "o1")
    return ORDER


def linked(_: SignedUp) -> str:
    """The payment of o1 turns out to be that of a sale."""
    buy("o1", 10_000, days_ago=4, payment_id="42")
    settle()
    return SALE


def doubted() -> tuple[SignedUp, SignedUp]:
    """O1 is looked at first, under either version of the rules."""
    ann, bob = pair()
    for version, days in (("a", 10), ("b", 5)):
        rule(version, days, checks=DOUBT_ALL)
    buy("o1", 10_000, days_ago=4)
    trigger(bob, "o1")
    assert credits_by_order()["o1"].in_review
    return ann, bob


def moved(move: Move, bob: SignedUp) -> str:
    key = move(bob)
    credit = credits_by_order()[key.partition("#")[2]]
    assert (credit.order_key, credit.programme) == (key, "a" if move is earlier else "b")
    return key


@pytest.mark.parametrize("move", [earlier, linked])
def test_what_was_found_to_be_fraud_stays_refused_where_it_goes(move: Move) -> None:
    ann, bob = doubted()
    decide(BLOCK, ORDER, fraud=True)
    key = moved(move, bob)
    assert kept() == {}
    assert credits_by_order()[key.partition("#")[2]].blocked
    assert frauds(ann) == {ORDER}
    check_books()


@pytest.mark.parametrize("move", [earlier, linked])
def test_an_approval_holds_where_the_credit_goes(move: Move) -> None:
    _, bob = doubted()
    decide(APPROVE, ORDER)
    key = moved(move, bob).partition("#")[2]
    assert kept() == {key: 500}
    assert credits_by_order()[key].due
    check_books()


def test_fraud_can_be_taken_back_under_the_other_rules() -> None:
    ann, bob = doubted()
    decide(BLOCK, ORDER, fraud=True)
    decide(APPROVE, moved(earlier, bob))
    assert kept() == {"o1": 500}
    assert frauds(ann) == set()
    check_books()


def eves_at_first() -> tuple[SignedUp, Changes]:
    """A sale in review that a till calls Eve's, whom Ann has brought as she has Bob."""
    ann, _ = pair()
    eve = member("eve", 3)
    bind(ann, eve)
    rule(checks=DOUBT_ALL)
    stream = Changes()
    told_by("till", "t1", "eve", payment_id="42")
    stream.follow()
    return eve, stream


def test_a_ruling_about_one_friend_is_none_about_another() -> None:
    _, stream = eves_at_first()
    decide(BLOCK, SALE)
    told_by("shop", "o1", "bob", payment_id="42")
    stream.follow()
    assert credits_by_order()["42"].in_review
    assert credits_by_order()["42"].ruling is None
    check_books()


@pytest.mark.parametrize("followed", [True, False])
def test_what_was_found_to_be_fraud_stays_so_where_the_sale_comes_back(followed: bool) -> None:
    """To whom it goes in between, it is looked at anew."""
    eve, stream = eves_at_first()
    if followed:
        decide(BLOCK, SALE, fraud=True)
    told_by("shop", "o1", "bob", payment_id="42")
    if not followed:
        decide(BLOCK, SALE, fraud=True)
    stream.follow()
    assert (credits_by_order()["42"].in_review, kept()) == (True, {"42": 500})
    decide(APPROVE, SALE)
    told_by("app", "a1", "eve", payment_id="42")
    stream.follow()
    assert (credits_by_order()["42"].referee_id, kept()) == (eve.member_id, {})
    told_by("agent", "a2", "bob", payment_id="42")
    stream.follow()
    assert (credits_by_order()["42"].verdict, kept()) == (APPROVE, {"42": 500})
    check_books()


def test_fraud_can_be_taken_back_for_the_sale() -> None:
    ann, bob = doubted()
    decide(BLOCK, ORDER, fraud=True)
    decide(APPROVE, moved(linked, bob))
    assert frauds(ann) == set()
