"""Tills at once, and lines that break: credit is promised once, whoever comes first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from siyu.domain.holds import Hold
from siyu.domain.ledger import Balance
from siyu.errors import ContentionError, CreditRefusedError
from siyu.services.expire_credit import expire_due
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.spend_credit import capture_hold, void_hold
from siyu.storage.accounts import account_of
from tests.books import check_books, entry_kinds
from tests.faults import ACCIDENTS, KilledError, at_call, line
from tests.services.purse import balance, earn, hold, member
from tests.services.shop import STORE, TODAY
from tests.support import NOW, at_once, empty_table


def capture(amount: int, hold_id: str = "h1") -> Hold:
    return capture_hold(STORE, hold_id, amount, NOW)


def void(hold_id: str = "h1") -> Hold:
    return void_hold(STORE, hold_id, NOW)


def patient(work: Callable[[], Hold]) -> Hold | str:
    """A till that tries again while it is told to; what it was refused with."""
    while True:
        try:
            return work()
        except ContentionError:
            continue
        except CreditRefusedError as refused:
            return refused.reason


def test_twenty_tills_at_once_spend_what_there_is_and_no_more() -> None:
    ann = member(1, 1_000)
    outcomes = at_once(20, lambda till: patient(lambda: hold(ann, 130, f"t{till}")))
    assert sum(isinstance(one, Hold) for one in outcomes) == 7
    assert outcomes.count("credit_not_enough") == 13
    assert balance(ann) == Balance(released_minor=90, held_minor=910, earned_minor=1_000)
    check_books()


@pytest.mark.parametrize("moment", range(1, 5))
def test_the_same_request_that_came_through_meanwhile_gives_the_same_answer(moment: int) -> None:
    ann = member(1, 1_000)

    def meanwhile(number: int, _: str) -> None:
        if number == moment:
            hold(ann, 600)

    with line(meanwhile) as calls:
        assert hold(ann, 600).amount_minor == 600
    assert len(calls.calls) > moment
    assert balance(ann) == Balance(released_minor=400, held_minor=600, earned_minor=1_000)


def test_one_till_that_asks_twenty_times_at_once_holds_once() -> None:
    ann = member(1, 1_000)
    outcomes = at_once(20, lambda _: patient(lambda: hold(ann, 600)))
    assert all(one == outcomes[0] for one in outcomes)
    assert balance(ann).held_minor == 600


def test_a_capture_and_a_void_at_once_end_as_one_after_the_other() -> None:
    for turn in range(5):
        empty_table()
        ann = member(1, 1_000)
        hold(ann, 700)
        outcomes = at_once(6, lambda n: patient(void if n % 2 else lambda: capture(600)))
        assert all(one == "hold_voided" or isinstance(one, Hold) for one in outcomes), turn
        assert balance(ann) == Balance(released_minor=1_000, earned_minor=1_000)
        check_books()


def test_captures_at_once_take_in_once() -> None:
    ann = member(1, 1_000)
    hold(ann, 700)
    outcomes = at_once(10, lambda n: patient(lambda: capture(600 + n % 2)))
    taken = {one.captured_minor for one in outcomes if isinstance(one, Hold)}
    assert len(taken) == 1
    assert outcomes.count("hold_captured") == 5
    assert balance(ann).spent_minor == account_of(f"store:{STORE}") == taken.pop()
    check_books()


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_at_any_call_and_another_try_end_the_same(accident: str) -> None:
    def work(ann: str) -> None:
        hold(ann, 700)
        capture(600)
        hold(ann, 300, "h2")
        void("h2")

    number, done = 0, False
    while not done:
        number += 1
        empty_table()
        ann = member(1, 1_000)
        with line(at_call(number, accident)) as broken, suppress(KilledError):
            work(ann)
        done = len(broken.calls) < number
        work(ann)
        assert balance(ann) == Balance(released_minor=400, earned_minor=1_000, spent_minor=600)
        assert entry_kinds()["hold"] == 1_000
        check_books()
    assert number > 12


@pytest.mark.parametrize("moment", range(1, 7))
def test_an_undone_merge_while_a_till_asks_spends_nothing_twice(moment: int) -> None:
    """Cat was merged into bob, and bob into ann: undoing that does not move ann, who speaks."""
    ann, bob, cat = member(1), member(2), member(3, 1_000)
    merge_members(bob, cat, "phone", "proof", NOW)
    merge_members(ann, bob, "phone", "proof", NOW)

    def meanwhile(number: int, _: str) -> None:
        if number == moment:
            undo_merge(cat, "staff", "not the same", NOW)
            hold(cat, 1_000, "h2")

    with line(meanwhile):
        assert patient(lambda: hold(ann, 1_000)) == "credit_not_enough"
    assert balance(cat) == Balance(held_minor=1_000, earned_minor=1_000)
    check_books()


@pytest.mark.parametrize("moment", range(1, 5))
def test_a_till_that_asks_while_credit_ends_gets_none_of_what_expired(moment: int) -> None:
    ann = member(1, 100)
    earn(ann, "ends", 200, TODAY)

    def meanwhile(number: int, _: str) -> None:
        if number == moment:
            expire_due(TODAY, NOW)

    with line(meanwhile) as calls:
        outcome = patient(lambda: hold(ann, 300))
    assert len(calls.calls) > moment
    assert outcome == "credit_not_enough"
    assert balance(ann) == Balance(released_minor=100, earned_minor=300, expired_minor=200)
    check_books()
