"""A credit that the rules let through is blocked by somebody who knows better, and says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.ledger import Balance
from siyu.domain.programmes import Checks
from siyu.domain.vetting import Verdict
from siyu.errors import NoteNeededError, NotFoundError, NothingToDecideError
from siyu.services.record_order import record_order
from siyu.services.release_credits import release_due
from siyu.services.sign_up import SignedUp
from tests.books import check_books
from tests.services.doubts import (
    APPROVE,
    BLOCK,
    KEY,
    balance,
    credit,
    decide,
    frauds,
    friends,
    noted,
    rules,
    spend,
)
from tests.services.shop import TODAY, event, paid, receipt, refunded, scan, settle
from tests.support import NOW, dump

DUE = TODAY + timedelta(days=15)
LATER = NOW + timedelta(days=15)
SALE = "~sale#42"


@pytest.fixture
def ann() -> SignedUp:
    """Bob, whom she brought, bought three times, and the rules see nothing wrong in it."""
    rules(checks=Checks(frauds=3))
    ann, _ = friends("bob")
    for number in "123":
        paid(number, 10_000, buyer_id="bob")
    settle()
    assert all(credit(f"shop#{number}").verdict is APPROVE for number in "123")
    return ann


def test_what_is_pending_is_taken_back_and_comes_again_with_an_approval(ann: SignedUp) -> None:
    decide(BLOCK, note="a till clerk says so")
    assert (credit().verdict, credit().kept_minor) == (BLOCK, 0)
    assert balance(ann) == Balance(1_000, earned_minor=1_500, reversed_minor=500)
    assert release_due(DUE, LATER) == 2
    decide(APPROVE, now=LATER)
    assert balance(ann) == Balance(released_minor=1_500, earned_minor=2_000, reversed_minor=500)
    check_books()


def test_what_was_released_and_spent_becomes_a_debt(ann: SignedUp) -> None:
    assert release_due(DUE, LATER) == 3
    spend(ann, 1_400)
    decide(BLOCK, note="found out by the bank", now=LATER)
    assert balance(ann) == Balance(
        released_minor=-400, earned_minor=1_500, reversed_minor=500, spent_minor=1_400
    )
    check_books()


def test_three_of_them_suspend(ann: SignedUp) -> None:
    for number in "123":
        assert noted(ann).suspended_at is None
        decide(BLOCK, f"shop#{number}", fraud=True, note="one hand")
    assert frauds(ann) == {"shop#1", "shop#2", "shop#3"}
    assert noted(ann).suspended_at == NOW


def test_without_a_note_nobody_knew_why(ann: SignedUp) -> None:
    before = dump()
    with pytest.raises(NoteNeededError):
        decide(BLOCK, fraud=True)
    assert dump() == before
    decide(BLOCK, note="one hand")
    decide(BLOCK)
    ruling = credit().ruling
    assert ruling is not None
    assert (ruling.reasons, ruling.note) == ((), "")


def test_what_is_approved_without_a_decision_is_not_approved_once_more(ann: SignedUp) -> None:
    before = dump()
    with pytest.raises(NothingToDecideError) as refused:
        decide(APPROVE, note="a regular")
    assert refused.value.reason == "nothing_to_decide"
    assert "block it" in str(refused.value.more["detail"])
    assert dump() == before


def test_what_a_refund_took_back_can_still_be_a_fraud(ann: SignedUp) -> None:
    refunded("1", "r", 10_000)
    settle()
    decide(BLOCK, fraud=True, note="bought to be given back")
    assert frauds(ann) == {KEY}
    assert balance(ann) == Balance(1_000, earned_minor=1_500, reversed_minor=500)


def tell_with_payment() -> None:
    """The order of before turns out to tell of a sale."""
    paid("1", 10_000, buyer_id="bob", payment_id="42")


@pytest.mark.parametrize("followed", [True, False])
def test_an_order_that_tells_of_a_sale_stands_for_the_sale(ann: SignedUp, followed: bool) -> None:
    """Its own credit is empty, or about to be."""
    tell_with_payment()
    if followed:
        settle()
    decide(BLOCK, note="one hand", fraud=True)
    assert (credit(SALE).verdict, credit(SALE).kept_minor) == (BLOCK, 0)
    settle()
    assert (credit(KEY).kept_minor, credit(SALE).kept_minor) == (0, 0)
    assert balance(ann).pending_minor == 1_000
    assert frauds(ann) == {SALE}
    check_books()


def test_an_order_and_its_sale_are_one_fraud(ann: SignedUp) -> None:
    decide(BLOCK, note="one hand", fraud=True)
    assert frauds(ann) == {KEY}
    tell_with_payment()
    settle()
    decide(BLOCK, SALE, note="again", fraud=True)
    decide(BLOCK, KEY, note="and again", fraud=True)
    assert frauds(ann) == {SALE}
    decide(APPROVE, KEY)
    assert (frauds(ann), credit(SALE).verdict) == (set(), Verdict.APPROVE)


def test_an_order_whose_sale_earns_nobody_anything_is_decided_itself(ann: SignedUp) -> None:
    """A source of a better name says that it was Eve's, whom nobody brought."""
    scan(receipt(20), "eve")
    tell_with_payment()
    told = event(
        "order.paid", order_id="5", paid_minor=10_000, payment_id="42", buyer={"openid": "eve"}
    )
    record_order(replace(told, source="kiosk"))
    decide(BLOCK, note="one hand", fraud=True)
    settle()
    assert balance(ann) == Balance(1_000, earned_minor=1_500, reversed_minor=500)
    assert (credit(KEY).verdict, frauds(ann)) == (BLOCK, {SALE})
    with pytest.raises(NotFoundError):
        decide(BLOCK, SALE, note="one hand")
    check_books()
