"""A credit that goes over, to the sale its order tells of or to other rules, takes everything with
it in one transaction: its room under caps, its release, its end, and what is known and decided."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from siyu.domain.calendar import business_date
from siyu.domain.ledger import Balance
from siyu.domain.vetting import Verdict
from siyu.services.credit_again import credit_again
from siyu.services.credit_referral import credit_referral, following
from siyu.services.expire_credit import expire_due
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.release_credits import release_due
from siyu.services.review_credits import open_page, refuse_undecided
from siyu.services.sign_up import SignedUp
from siyu.storage import ledger
from tests.books import check_books
from tests.faults import DEATHS, KilledError, at_call, line
from tests.services.doubts import DOUBT_ALL
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
from tests.support import NOW, at_once, empty_table

TODAY = business_date(NOW)
SALE = "~sale#42"


def balance(member: SignedUp) -> Balance:
    return ledger.balance_of([member.member_id])[member.member_id]


def tell_payment(days_ago: float = 18) -> None:
    buy("o1", 10_000, days_ago, payment_id="42")


def follow(friend: SignedUp, *order_keys: str, now: datetime = NOW) -> None:
    for key in order_keys:
        credit_referral(key, following({friend.member_id}), now)


def full_budget() -> tuple[SignedUp, SignedUp, SignedUp]:
    """Ann has all of a budget by Bob's order; Carl's, whom Dan brought, was held back."""
    ann, bob = pair()
    dan, carl = member("dan", 3), member("carl", 4)
    bind(dan, carl)
    rule(budget_minor=500)
    buy("o1", 10_000, 18)
    trigger(bob, "o1")
    buy("c", 10_000, 1, who="carl")
    trigger(carl, "c")
    assert release_due(TODAY, NOW) == 1
    assert kept() == {"o1": 500}
    return ann, bob, carl


def test_nobody_takes_its_room_meanwhile() -> None:
    ann, bob, carl = full_budget()
    tell_payment()

    def work(number: int) -> None:
        if number < 2:
            follow(bob, ("shop#o1", SALE)[number])
        else:
            trigger(carl, *["c"] * 5)

    at_once(3, work)
    assert kept() == {"42": 500}
    assert sum(used().values()) == 500
    assert (balance(ann).released_minor, balance(ann).pending_minor) == (500, 0)
    check_books()


@pytest.mark.slow
@pytest.mark.parametrize("accident", DEATHS)
def test_killed_at_any_call_its_room_is_nobody_elses(accident: str) -> None:
    number, over = 0, False
    while not over:
        number += 1
        empty_table()
        ann, bob, carl = full_budget()
        tell_payment()
        with line(at_call(number, accident)) as calls, suppress(KilledError):
            follow(bob, "shop#o1", SALE)
        over = len(calls.calls) < number
        trigger(carl, "c")
        follow(bob, "shop#o1", SALE)
        assert kept() == {"42": 500}, number
        assert balance(ann).released_minor == 500
        check_books()
    assert number > 10


def test_a_sale_takes_over_what_its_orders_own_change_would_take_back_later() -> None:
    """That change may wait in a queue while the night releases what is due."""
    ann, bob = pair()
    rule()
    buy("o1", 10_000, 18)
    trigger(bob, "o1")
    tell_payment()
    follow(bob, SALE)
    release_due(TODAY, NOW)
    assert kept() == {"42": 500}
    assert balance(ann).released_minor == 500
    follow(bob, "shop#o1")
    assert balance(ann).released_minor == 500
    check_books()


def test_what_was_released_can_go_on_to_be_spent() -> None:
    ann, bob = pair()
    rule(credit_days=30)
    buy("o1", 10_000, 18)
    trigger(bob, "o1")
    release_due(TODAY, NOW)
    ends = credits_by_order()["o1"].expires_on
    tell_payment()
    follow(bob, "shop#o1", now=NOW + timedelta(days=5))
    assert balance(ann).released_minor == 500
    assert credits_by_order()["42"].expires_on == ends
    check_books()


def test_what_has_expired_does_not_come_back() -> None:
    ann, bob = pair()
    rule(credit_days=10)
    buy("o1", 10_000, 18)
    trigger(bob, "o1")
    release_due(TODAY, NOW)
    later = NOW + timedelta(days=10)
    assert expire_due(business_date(later), later) == 1
    tell_payment()
    follow(bob, "shop#o1", now=later)
    assert (balance(ann).released_minor, balance(ann).expired_minor) == (0, 500)
    release_due(business_date(later), later)
    assert expire_due(business_date(later), later) == 0
    assert (balance(ann).released_minor, balance(ann).expired_minor) == (0, 500)
    check_books()


def test_days_to_decide_go_on_to_count() -> None:
    _, bob = pair()
    rule(checks=DOUBT_ALL)
    buy("o1", 10_000, 1)
    trigger(bob, "o1")
    tell_payment(1)
    follow(bob, "shop#o1", now=NOW + timedelta(days=29))
    days = DOUBT_ALL.review_days + 1
    assert refuse_undecided(TODAY + timedelta(days=days), NOW + timedelta(days=days)) == 1
    assert kept() == {}


def test_what_is_left_behind_waits_for_nobody() -> None:
    _, bob = pair()
    rule(checks=DOUBT_ALL)
    buy("o1", 10_000, 1)
    trigger(bob, "o1")
    tell_payment(1)
    follow(bob, "shop#o1")
    assert [one.order_key for one in open_page(None, None, 10, None).credits] == [SALE]


def test_what_nothing_is_kept_of_waits_for_nobody() -> None:
    """Its budget was gone before."""
    _, bob = pair()
    rule(checks=DOUBT_ALL, budget_minor=0)
    buy("o1", 10_000, 1)
    trigger(bob, "o1")
    assert credits_by_order()["o1"].verdict is Verdict.REVIEW
    assert open_page(None, None, 10, None).credits == []


def test_what_comes_back_after_its_end_can_be_spent_for_its_whole_time() -> None:
    """A merge by mistake took it, and its undoing gives it back when its time would be over."""
    ann, bob = pair()
    rule(credit_days=30)
    buy("o1", 10_000, 18)
    trigger(bob, "o1")
    release_due(TODAY, NOW)
    merge = merge_members(ann.member_id, bob.member_id, "said", "ops", NOW)
    assert merge is not None
    credit_again({ann.member_id, bob.member_id}, NOW)
    assert balance(ann).released_minor == 0
    later = NOW + timedelta(days=40)
    undo_merge(merge.absorbed_id, "ops", "a mistake", later)
    credit_again({ann.member_id, bob.member_id}, later)
    assert balance(ann).released_minor == 500
    end = business_date(later) + timedelta(days=30)
    assert credits_by_order()["o1"].expires_on == end
    assert expire_due(end - timedelta(days=1), later) == 0
    assert expire_due(end, later + timedelta(days=30)) == 1
    check_books()


def test_an_earlier_payment_moves_it_to_the_rules_of_then_with_its_room() -> None:
    ann, bob = pair()
    rule("a", 10, per_month_minor=500)
    rule("b", 5, per_month_minor=500)
    buy("o1", 10_000, 4)
    buy("o2", 10_000, 3)
    trigger(bob, "o1", "o2")
    assert kept() == {"o1": 500}
    buy("o1", 10_000, 6)
    at_once(2, lambda number: trigger(bob, *(["o1"], ["o2"] * 5)[number]))
    assert kept() == {"o1": 500}
    assert credits_by_order()["o1"].programme == "a"
    assert credits_by_order()["o1"].release_on == business_date(ago(6)) + timedelta(days=15)
    assert balance(ann).pending_minor == 500
    check_books()
