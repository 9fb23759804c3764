"""Whoever decides, refunds, releases or dies at the same time: the books say one thing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from siyu.api.order_event import read_event
from siyu.domain.ledger import Balance
from siyu.domain.programmes import Checks, Programme
from siyu.services.credit_referral import credit_referral, following
from siyu.services.record_order import record_order
from siyu.services.release_credits import release_due
from siyu.services.review_credits import refuse_undecided
from siyu.storage import programmes
from tests.books import check_books
from tests.faults import ACCIDENTS, KilledError, at_call, line, once_before
from tests.services.doubts import (
    APPROVE,
    BLOCK,
    SHARE,
    balance,
    credit,
    decide,
    doubted,
    frauds,
    friends,
    rules,
)
from tests.services.shop import TODAY, paid, refunded, settle
from tests.support import NOW, SOURCE, at_once, dump, empty_table

DUE = TODAY + timedelta(days=15)
LATER = NOW + timedelta(days=15)
GONE = Balance(earned_minor=500, reversed_minor=500)
KEPT = Balance(released_minor=500, earned_minor=500)


def in_between(work: Callable[[], None], number: int = 1) -> Callable[[int, str], None]:
    """Do the work before the n-th transaction arrives."""
    seen = 0

    def meanwhile(_: int, operation: str) -> None:
        nonlocal seen
        seen += operation == "TransactWriteItems"
        if operation == "TransactWriteItems" and seen == number:
            work()

    return meanwhile


def refund_all() -> None:
    refunded("1", "r", 10_000)
    settle()


def test_two_operators_at_once_end_with_one_ruling_and_its_money() -> None:
    ann = doubted()
    words = [(APPROVE, "cat"), (BLOCK, "dan")] * 5
    outcomes = at_once(10, lambda at: decide(words[at][0], by=words[at][1], now=LATER))
    assert outcomes == [None] * 10
    ruling = credit().ruling
    assert ruling is not None
    assert (ruling.verdict, ruling.by) in words
    settle()
    release_due(DUE, LATER)
    stands = balance(ann)
    kept = stands.earned_minor - stands.reversed_minor
    assert stands.pending_minor == 0
    assert stands.released_minor == kept == (500 if ruling.verdict is APPROVE else 0)
    check_books()


def test_an_approval_gives_nothing_back_where_the_order_turns_out_to_tell_of_a_sale() -> None:
    """Told before any call of it: else the room that it leaves is another credit's."""
    number, calls = 0, 1
    while number < calls:
        number += 1
        empty_table()
        ann = doubted()
        with line(once_before(number, lambda: paid("1", 10_000, payment_id="42"))) as seen:
            decide(APPROVE)
        calls = min(len(seen.calls), 6)
        assert balance(ann).pending_minor == 500
        settle()
        assert balance(ann).pending_minor == 500
        assert credit("~sale#42").ruling is not None
    check_books()


def test_the_same_decision_by_many_at_once_is_made_once() -> None:
    ann = doubted()
    at_once(10, lambda _: decide(BLOCK, fraud=True))
    assert balance(ann) == GONE
    assert frauds(ann) == {"shop#1"}
    check_books()


@pytest.mark.parametrize("verdict", [APPROVE, BLOCK])
def test_a_refund_in_the_middle_of_a_decision_is_not_lost(verdict: str) -> None:
    ann = doubted()
    with line(in_between(refund_all)):
        decide(APPROVE if verdict == APPROVE else BLOCK, now=LATER)
    assert balance(ann) == GONE
    settle()
    assert balance(ann) == GONE
    check_books()


def test_a_decision_in_the_middle_of_a_refund_is_not_lost() -> None:
    ann = doubted()
    refunded("1", "r", 4_000)
    with line(in_between(lambda: decide(APPROVE, now=LATER))):
        settle()
    assert balance(ann) == Balance(released_minor=300, earned_minor=500, reversed_minor=200)
    check_books()


def test_a_block_in_the_middle_of_the_night_wins() -> None:
    ann = doubted()
    decide(APPROVE)
    with line(in_between(lambda: decide(BLOCK))):
        assert release_due(DUE, LATER) == 0
    assert balance(ann) == GONE
    check_books()


def test_the_night_in_the_middle_of_a_block_is_taken_back() -> None:
    ann = doubted()
    decide(APPROVE)

    def night() -> None:
        assert release_due(DUE, LATER) == 1

    with line(in_between(night)):
        decide(BLOCK)
    assert balance(ann) == GONE
    check_books()


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_at_any_call_of_a_decision_and_another_try_end_the_same(accident: str) -> None:
    number, done = 0, False
    while not done:
        number, done = number + 1, True
        empty_table()
        ann = doubted()
        for verdict, wanted in ((APPROVE, KEPT), (BLOCK, GONE)):
            with line(at_call(number, accident)) as broken, suppress(KilledError):
                decide(verdict, now=LATER, fraud=verdict is BLOCK)
            done = done and len(broken.calls) < number
            decide(verdict, now=LATER, fraud=verdict is BLOCK)
            assert balance(ann) == wanted
            assert frauds(ann) == ({"shop#1"} if verdict is BLOCK else set())
        check_books()
    assert number > 14


def test_what_nobody_decides_in_time_is_refused() -> None:
    ann = doubted()
    assert refuse_undecided(TODAY + timedelta(days=30), NOW) == 0
    assert credit().in_review
    assert refuse_undecided(TODAY + timedelta(days=31), LATER) == 1
    ruling = credit().ruling
    assert ruling is not None
    assert (ruling.verdict, ruling.by, ruling.at, ruling.reasons) == (
        *(BLOCK, "undecided"),
        *(LATER, SHARE),
    )
    assert balance(ann) == GONE
    before = dump()
    assert refuse_undecided(TODAY + timedelta(days=99), NOW) == 0
    assert dump() == before
    decide(APPROVE, now=LATER)
    assert credit().kept_minor == 500
    check_books()


def test_every_version_has_its_own_days_to_decide() -> None:
    doubted()
    hour = timedelta(hours=1)
    soon = Programme("2026-3", NOW + hour, checks=Checks(share_bp=100, review_days=5))
    programmes.append(programmes.load(), soon)
    later = NOW + 2 * hour
    data = {"order_id": "2", "paid_minor": 10_000, "currency": "CNY", "buyer_id": "bob"}
    data |= {"occurred_at": later.isoformat()}
    record_order(read_event(SOURCE, "later", later, {"type": "order.paid", "data": data}))
    settle()
    assert (credit().programme, credit("shop#2").programme) == ("2026-2", "2026-3")
    assert refuse_undecided(TODAY + timedelta(days=5), NOW) == 0
    assert refuse_undecided(TODAY + timedelta(days=6), NOW) == 1
    assert credit().in_review
    assert credit("shop#2").blocked
    assert refuse_undecided(TODAY + timedelta(days=30), NOW) == 0
    assert refuse_undecided(TODAY + timedelta(days=31), NOW) == 1


def test_what_was_decided_meanwhile_is_not_refused() -> None:
    ann = doubted()
    with line(in_between(lambda: decide(APPROVE, now=LATER))):
        assert refuse_undecided(TODAY + timedelta(days=31), LATER) == 0
    assert balance(ann) == KEPT


def test_many_nights_at_once_refuse_once_and_a_night_that_died_is_resumed() -> None:
    rules(checks=Checks(share_bp=100))
    ann, bob = friends("bob")
    for number in range(12):
        paid(f"n{number}", 10_000, buyer_id="bob")
        credit_referral(f"shop#n{number}", following({bob.member_id}), NOW)
    late = TODAY + timedelta(days=31)
    with line(at_call(40, "killed before")), pytest.raises(KilledError):
        refuse_undecided(late, NOW)
    left = balance(ann).pending_minor // 500
    assert 0 < left < 12
    counted = at_once(4, lambda _: refuse_undecided(late, NOW))
    assert sum(one for one in counted if isinstance(one, int)) == left
    assert balance(ann) == Balance(earned_minor=6_000, reversed_minor=6_000)
    check_books()
