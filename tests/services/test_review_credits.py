"""Somebody decides about a credit, and the money goes where they say, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.api.order_event import read_event
from siyu.domain.ledger import Balance
from siyu.domain.programmes import Checks
from siyu.domain.vetting import decide as decide_by_rules
from siyu.errors import NotFoundError, NothingToDecideError
from siyu.services.explain_credit import explain_credit
from siyu.services.record_order import record_order
from siyu.services.release_credits import release_due
from siyu.services.review_credits import open_page
from tests.books import check_books
from tests.services.doubts import (
    APPROVE,
    BLOCK,
    KEY,
    REVIEW,
    SHARE,
    balance,
    credit,
    decide,
    doubted,
    friends,
    rules,
    spend,
)
from tests.services.shop import TODAY, door, paid, receipt, refunded, scan, settle
from tests.support import NOW, dump

HOLD = timedelta(days=15)
DUE = TODAY + HOLD
LATER = NOW + HOLD


@pytest.mark.parametrize(
    ("checks", "apart", "reason"),
    [
        (Checks(friends_a_minute=2), timedelta(seconds=20), "friends_a_minute"),
        (Checks(friends_a_day=2), timedelta(hours=5), "friends_a_day"),
        (Checks(friends_a_month=2), timedelta(days=9), "friends_a_month"),
    ],
)
@pytest.mark.parametrize("number", [2, 3])
def test_one_friend_too_many_in_a_time_is_looked_at_first(
    checks: Checks, apart: timedelta, reason: str, number: int
) -> None:
    rules(checks=checks)
    store, ann = door(), scan(door(), "ann", now=NOW - timedelta(days=40))
    for before in range(number - 1, 0, -1):
        scan(store, f"friend-{before}", ann.referral_code, NOW - before * apart)
    paid("1", 10_000, buyer_id="bob", receipt_token=receipt(2))
    scan(receipt(2), "bob", ann.referral_code)
    settle()
    wanted = (REVIEW, (reason,)) if number == 3 else (APPROVE, ())
    assert (credit().verdict, credit().decision.reasons) == wanted
    assert decide_by_rules(checks, credit().evidence) == credit().decision
    assert balance(ann) == Balance(pending_minor=500, earned_minor=500)


@pytest.mark.parametrize(
    ("checks", "where", "reason"),
    [
        (Checks(friends_per_address=1), {"address": "192.0.2.7"}, "friends_per_address"),
        (Checks(friends_per_device=1), {"device": "phone-1"}, "friends_per_device"),
    ],
)
def test_friends_from_one_place_are_looked_at_first(
    checks: Checks, where: dict[str, Any], reason: str
) -> None:
    rules(checks=checks)
    ann = scan(door(), "ann")
    scan(door(), "cat", ann.referral_code, NOW - timedelta(days=6), **where)
    paid("1", 10_000, buyer_id="bob", receipt_token=receipt(2))
    scan(receipt(2), "bob", ann.referral_code, **where)
    settle()
    assert (credit().verdict, credit().decision.reasons) == (REVIEW, (reason,))


def test_what_is_in_review_waits_beyond_its_day() -> None:
    ann = doubted()
    assert release_due(DUE + timedelta(days=9), NOW) == 0
    assert balance(ann) == Balance(pending_minor=500, earned_minor=500)
    (waits,) = open_page(None, None, 20, None).credits
    assert waits == credit()


def test_what_is_approved_before_its_day_is_released_on_it() -> None:
    ann = doubted()
    decide(APPROVE, note="a regular")
    assert balance(ann) == Balance(pending_minor=500, earned_minor=500)
    assert open_page(None, None, 20, None).credits == []
    ruling = credit().ruling
    assert ruling is not None
    assert (ruling.reasons, ruling.by, ruling.at, ruling.note) == (SHARE, "cat", NOW, "a regular")
    assert release_due(DUE - timedelta(days=1), NOW) == 0
    assert release_due(DUE, NOW) == 1
    assert balance(ann) == Balance(released_minor=500, earned_minor=500)
    check_books()


def test_what_is_approved_after_its_day_is_released_at_once() -> None:
    ann = doubted()
    decide(APPROVE, now=LATER)
    assert balance(ann) == Balance(released_minor=500, earned_minor=500)
    assert release_due(DUE, LATER) == 0


def test_what_is_blocked_is_taken_back_and_never_released() -> None:
    ann = doubted()
    decide(BLOCK)
    assert balance(ann) == Balance(earned_minor=500, reversed_minor=500)
    assert (credit().verdict, credit().kept_minor) == (BLOCK, 0)
    assert release_due(DUE, NOW) == 0
    check_books()


def test_what_is_blocked_after_it_was_spent_is_a_debt() -> None:
    ann = doubted()
    decide(APPROVE, now=LATER)
    spend(ann, 300)
    decide(BLOCK, now=LATER)
    assert balance(ann) == Balance(
        released_minor=-300, earned_minor=500, reversed_minor=500, spent_minor=300
    )
    check_books()


def test_the_same_decision_again_changes_nothing() -> None:
    doubted()
    for verdict in (BLOCK, APPROVE):
        decide(verdict, now=LATER)
        before = dump()
        decide(verdict, now=LATER + timedelta(hours=1))
        assert dump() == before


def test_a_later_decision_takes_the_place_of_an_earlier_one() -> None:
    ann = doubted()
    decide(BLOCK, now=LATER)
    decide(APPROVE, now=LATER, by="dan")
    assert balance(ann) == Balance(released_minor=500, earned_minor=1_000, reversed_minor=500)
    decide(BLOCK, now=LATER)
    assert balance(ann) == Balance(earned_minor=1_000, reversed_minor=1_000)
    kinds = [entry.kind.value for entry, _ in explain_credit(KEY).entries]
    assert sorted(kinds) == ["earn", "earn", "release", "reverse", "reverse"]
    check_books()


def test_refunds_take_their_share_before_and_after_a_decision() -> None:
    ann = doubted()
    refunded("1", "r1", 4_000)
    settle()
    assert balance(ann) == Balance(pending_minor=300, earned_minor=500, reversed_minor=200)
    assert credit().in_review
    decide(APPROVE)
    refunded("1", "r2", 1_000)
    settle()
    assert balance(ann) == Balance(pending_minor=250, earned_minor=500, reversed_minor=250)
    decide(BLOCK)
    refunded("1", "r3", 1_000)
    settle()
    assert balance(ann) == Balance(earned_minor=500, reversed_minor=500)
    decide(APPROVE)
    assert credit().kept_minor == 200
    check_books()


def test_nobody_approves_what_nobody_doubts_or_decides_about_what_is_not_there() -> None:
    friends("bob")
    paid("1", 10_000, buyer_id="bob")
    settle()
    before = dump()
    with pytest.raises(NothingToDecideError):
        decide(APPROVE)
    for unknown in ("shop#0bob", "shop#2", "nothing"):
        with pytest.raises(NotFoundError):
            decide(BLOCK, unknown)
    assert dump() == before


def test_an_approval_holds_for_the_reasons_it_was_given_for() -> None:
    """The payment provider says that Ann paid for what Bob bought: her birthday present to him."""
    ann, _ = friends("bob")
    paid("1", 10_000, buyer_id="bob", payment_id="42")
    payment = {"payment_id": "42", "payment_only": True, "buyer": {"openid": "ann"}}
    data = {"order_id": "p", "paid_minor": 10_000, "currency": "CNY", **payment}
    told = {"type": "order.paid", "data": {**data, "occurred_at": NOW.isoformat()}}
    record_order(read_event("pay2", "p", NOW, told))
    settle()
    sale = "~sale#42"
    assert credit(sale).decision.reasons == ("paid_by_referrer",)
    assert (credit(sale).verdict, balance(ann)) == (BLOCK, Balance())
    decide(APPROVE, sale)
    assert balance(ann) == Balance(pending_minor=500, earned_minor=500)
    settle()
    assert (credit(sale).verdict, credit(sale).granted_minor) == (APPROVE, 500)
    check_books()


def test_a_further_reason_makes_an_approved_credit_wait_again() -> None:
    rules(checks=Checks(share_bp=100, friends_a_day=1))
    ann, _ = friends("bob")
    paid("1", 10_000, buyer_id="bob")
    settle()
    decide(APPROVE)
    scan(door(), "cat", ann.referral_code, NOW - timedelta(hours=1))
    settle()
    assert (credit().verdict, credit().decision.reasons) == (REVIEW, ("friends_a_day", *SHARE))
    decide(APPROVE)
    assert credit().due
