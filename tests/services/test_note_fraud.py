"""Frauds count against the referrer, and enough of them end what friends earn them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.ledger import Balance
from siyu.domain.programmes import Checks
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members
from siyu.services.record_order import record_order
from siyu.services.referrer_standing import set_standing
from siyu.services.sign_up import SignedUp
from tests.books import check_books
from tests.faults import line
from tests.services.doubts import (
    APPROVE,
    BLOCK,
    balance,
    credit,
    decide,
    frauds,
    friends,
    noted,
    rules,
)
from tests.services.shop import event, paid, receipt, scan, settle
from tests.support import NOW

HOUR = timedelta(hours=1)
EVE = {"openid": "eve"}
KEYS = ["shop#1", "shop#2", "shop#3"]


@pytest.fixture
def ann() -> SignedUp:
    """Bob, whom she brought, bought three times, and all of it is doubted."""
    rules(checks=Checks(share_bp=100, frauds=3))
    ann, _ = friends("bob")
    for key in KEYS:
        paid(key.removeprefix("shop#"), 10_000, buyer_id="bob")
    settle()
    return ann


def two_accounts(ann: SignedUp) -> SignedUp:
    """Ann has another account, which brought Cat; two orders of hers are in review, too."""
    other = scan(receipt(7), "ann-2", now=NOW + HOUR)
    paid("0cat", 900, buyer_id="cat", receipt_token=receipt(8))
    scan(receipt(8), "cat", other.referral_code)
    for number in "89":
        paid(number, 10_000, buyer_id="cat")
    settle()
    assert merge_members(ann.member_id, other.member_id, "said", "dan", NOW) is not None
    return other


def test_three_frauds_suspend_and_what_was_bought_since_earns_nothing(ann: SignedUp) -> None:
    for number, key in enumerate(KEYS):
        assert noted(ann).suspended_at is None
        decide(BLOCK, key, fraud=True, now=NOW + number * HOUR)
    assert noted(ann).suspended_at == NOW + 2 * HOUR
    assert frauds(ann) == set(KEYS)
    for order_id, hours in (("before", 1), ("since", 2)):
        at = (NOW + hours * HOUR).isoformat()
        paid(order_id, 10_000, buyer_id="bob", occurred_at=at)
    settle()
    assert credit("shop#before").in_review
    assert credit("shop#since").decision.reasons == ("referrer_suspended",)
    assert balance(ann) == Balance(500, earned_minor=2_000, reversed_minor=1_500)
    check_books()


def test_the_same_fraud_counts_once(ann: SignedUp) -> None:
    for number in range(5):
        decide(BLOCK, fraud=True, note=str(number))
    assert (frauds(ann), noted(ann).suspended_at) == ({"shop#1"}, None)


def test_a_block_that_is_no_fraud_counts_nothing(ann: SignedUp) -> None:
    for key in KEYS:
        decide(BLOCK, key)
    assert (frauds(ann), noted(ann).suspended_at) == (set(), None)


@pytest.mark.parametrize("verdict", [APPROVE, BLOCK])
def test_a_fraud_that_was_none_is_taken_back_and_a_suspension_is_not(
    ann: SignedUp, verdict: str
) -> None:
    for key in KEYS:
        decide(BLOCK, key, fraud=True)
    decide(APPROVE if verdict == APPROVE else BLOCK, KEYS[0])
    assert frauds(ann) == set(KEYS[1:])
    assert noted(ann).suspended_at == NOW


def test_who_is_forgiven_is_not_suspended_by_an_old_decision_made_again(ann: SignedUp) -> None:
    for key in KEYS:
        decide(BLOCK, key, fraud=True)
    set_standing(ann.member_id, NOW + HOUR, suspended=False)
    for key in KEYS:
        decide(BLOCK, key, fraud=True, now=NOW + 2 * HOUR)
        decide(BLOCK, key, fraud=True, now=NOW + 2 * HOUR, note="again")
    assert (frauds(ann), noted(ann).suspended_at) == (set(KEYS), None)


def test_who_is_suspended_already_stays_so_since_then(ann: SignedUp) -> None:
    set_standing(ann.member_id, NOW + HOUR, suspended=True)
    for key in KEYS:
        decide(BLOCK, key, fraud=True, now=NOW + 2 * HOUR)
    assert (frauds(ann), noted(ann).suspended_at) == (set(KEYS), NOW + HOUR)


def test_the_accounts_of_a_person_are_counted_and_suspended_together(ann: SignedUp) -> None:
    other = two_accounts(ann)
    for key in ("shop#1", "shop#8", "shop#9"):
        assert noted(ann).suspended_at is None
        decide(BLOCK, key, fraud=True)
    standings = {one.member.member_id: one.standing for one in known(ann.member_id).accounts}
    assert {one.suspended_at for one in standings.values()} == {NOW}
    assert standings[ann.member_id].frauds == {"shop#1"}
    assert standings[other.member_id].frauds == {"shop#8", "shop#9"}


def test_frauds_of_two_accounts_at_the_same_time_do_not_miss_each_other(ann: SignedUp) -> None:
    """Each alone would see two of three."""
    two_accounts(ann)
    decide(BLOCK, "shop#1", fraud=True)
    meanwhile: list[int] = []

    def other_fraud(number: int, operation: str) -> None:
        if operation == "TransactWriteItems" and not meanwhile:
            meanwhile.append(number)
            decide(BLOCK, "shop#8", fraud=True)

    with line(other_fraud):
        decide(BLOCK, "shop#2", fraud=True)
    assert meanwhile
    assert frauds(ann) == {"shop#1", "shop#2", "shop#8"}
    assert noted(ann).suspended_at == NOW


def test_what_the_rules_of_the_day_call_enough_is_enough(ann: SignedUp) -> None:
    rules("2026-1a", checks=Checks(share_bp=100, frauds=1))
    rules("2026-3", checks=Checks(share_bp=100, frauds=2))
    decide(BLOCK, KEYS[0], fraud=True)
    assert noted(ann).suspended_at is None
    decide(BLOCK, KEYS[1], fraud=True)
    assert noted(ann).suspended_at == NOW


@pytest.mark.parametrize("followed", [True, False])
def test_an_order_that_is_anothers_by_now_takes_no_ruling_with_it(
    ann: SignedUp, followed: bool
) -> None:
    """A ruling is about who had the credit; a source of a better name says who bought."""
    paid("5", 10_000, buyer_id="bob", payment_id="42")
    settle()
    sale = "~sale#42"
    decide(BLOCK, sale, fraud=True)
    dan = scan(receipt(20), "dan")
    scan(receipt(21), "eve", dan.referral_code)
    told = event("order.paid", order_id="5", paid_minor=10_000, payment_id="42", buyer=EVE)
    record_order(replace(told, source="kiosk"))
    if followed:
        settle()
    else:
        decide(BLOCK, sale, note="looked at again")
    assert (credit(sale).referrer_id, credit(sale).ruling) == (dan.member_id, None)
    assert credit(sale).in_review
    assert balance(dan).pending_minor == 500
    assert frauds(ann) == ({sale} if followed else set())
    check_books()
