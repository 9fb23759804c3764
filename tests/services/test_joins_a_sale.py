"""An order turns out to tell of a sale that has a credit, or of which others tell, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.calendar import business_date
from siyu.domain.ledger import RELEASED
from siyu.domain.vetting import Verdict
from siyu.services.expire_credit import expire_due
from siyu.services.review_credits import decide_credit, refuse_undecided
from siyu.services.sign_up import SignedUp
from tests.books import check_books
from tests.services.doubts import APPROVE, BLOCK, DOUBT_ALL, frauds
from tests.services.doubts import spend as spent_by
from tests.services.joining import (
    SALE,
    TODAY,
    alone,
    follow,
    has,
    joins,
    over,
    release,
    sale,
    sold,
    tell,
)
from tests.services.rules import OPEN, pair, rule
from tests.support import NOW, dump


def test_what_expired_of_an_order_has_expired_of_its_sale() -> None:
    rule(credit_days=10)
    ann, bob = alone()
    release()
    later = NOW + timedelta(days=11)
    assert expire_due(business_date(later), later) == 1
    sold(bob, now=later)
    joins(bob, now=later)
    assert (sale().state, sale().expired_minor, has(ann)) == (RELEASED, 500, (0, 0))


@pytest.mark.parametrize("spent", [0, 500])
def test_what_can_be_spent_of_an_order_can_be_where_all_of_its_sale_was_over(spent: int) -> None:
    rule(credit_days=10)
    ann, bob = alone()
    sold(bob)
    assert release() == 2
    over(SALE, TODAY)
    assert expire_due(TODAY, NOW) == 1
    assert has(ann) == (0, 500)
    spent_by(ann, spent) if spent else None
    joins(bob)
    assert has(ann) == (0, 500 - spent)
    assert sale().lasts_until == TODAY + timedelta(days=10)
    later = NOW + timedelta(days=10)
    assert expire_due(business_date(later), later) == 1
    assert (has(ann), sale().lasts_until) == ((0, 0), None)
    check_books()


def test_what_was_over_of_two_orders_of_one_payment_stays_over() -> None:
    rule(credit_days=10)
    ann, bob = alone()
    tell("till#2", payment_id="42")
    follow(bob, "till#2", SALE)
    assert release() == 2
    later = NOW + timedelta(days=11)
    assert expire_due(business_date(later), later) == 2
    joins(bob, now=later)
    assert (sale().kept_minor, sale().expired_minor, has(ann)) == (1_000, 1_000, (0, 0))


def test_what_comes_in_addition_to_what_was_over_lasts_as_long_as_any_other() -> None:
    rule(credit_days=10)
    ann, bob = alone()
    joins(bob)
    release()
    later = NOW + timedelta(days=11)
    assert expire_due(business_date(later), later) == 1
    tell("till#2", payment_id="42")
    follow(bob, "till#2", SALE, now=later)
    check_books()
    assert (sale().kept_minor, has(ann)) == (1_000, (0, 500))
    assert expire_due(business_date(later), later) == 0
    assert sale().lasts_until == business_date(later) + timedelta(days=10)


def test_what_was_found_to_be_fraud_stays_refused() -> None:
    rule()
    ann, bob = alone()
    decide_credit("till#1", BLOCK, "operator", NOW, "seen with the goods", fraud=True)
    sold(bob)
    joins(bob)
    assert (sale().blocked, has(ann)) == (True, (0, 0))


@pytest.mark.parametrize("last", [APPROVE, BLOCK])
def test_of_two_decisions_the_last_one_holds(last: Verdict) -> None:
    rule(checks=DOUBT_ALL)
    _, bob = alone()
    sold(bob)
    first = APPROVE if last is BLOCK else BLOCK
    decide_credit(SALE, first, "operator", NOW - timedelta(hours=1), "at the sale")
    decide_credit("till#1", last, "operator", NOW, "at the till")
    joins(bob)
    assert (sale().verdict, sale().kept_minor) == (last, 500 if last is APPROVE else 0)


def test_what_somebody_approved_stays_so_where_nobody_decided_about_the_sale() -> None:
    rule(checks=DOUBT_ALL)
    _, bob = pair()
    sold(bob)
    late = NOW + timedelta(days=40)
    assert refuse_undecided(business_date(late), late) == 1
    tell("till#1")
    follow(bob, "till#1", now=late)
    decide_credit("till#1", APPROVE, "operator", late)
    joins(bob, now=late)
    assert (sale().verdict, sale().kept_minor) == (APPROVE, 500)


def doubted_for_more(bob: SignedUp) -> None:
    """The sale is paid under rules that doubt it for one reason more than its order, which is only
    half of it."""
    rule("more", 8, checks=replace(OPEN, share_bp=100, friends_a_day=0))
    sold(bob, 20_000, days_ago=2)
    assert sale().decision.reasons == ("friends_a_day", "share_of_order")


def test_an_approval_for_fewer_reasons_undoes_no_refusal_that_was_for_more() -> None:
    rule("less", checks=DOUBT_ALL)
    ann, bob = alone()
    decide_credit("till#1", APPROVE, "operator", NOW)
    doubted_for_more(bob)
    joins(bob)
    late = NOW + timedelta(days=40)
    assert refuse_undecided(business_date(late), late) == 1
    stands = dump()
    follow(bob, "shop#1", SALE, now=late)
    assert dump() == stands
    assert has(ann) == (0, 0)


def test_an_approval_for_fewer_reasons_takes_back_none_that_was_for_more() -> None:
    rule("less", checks=DOUBT_ALL)
    ann, bob = alone()
    doubted_for_more(bob)
    decide_credit(SALE, APPROVE, "operator", NOW)
    decide_credit("till#1", APPROVE, "operator", NOW + timedelta(hours=1))
    joins(bob)
    assert sale().verdict is APPROVE
    assert release(NOW + timedelta(days=20)) == 1
    assert has(ann) == (0, 1_000)


def test_a_fraud_that_was_none_after_all_counts_no_more_once_that_is_said_of_the_sale() -> None:
    rule(checks=DOUBT_ALL)
    ann, bob = alone()
    sold(bob)
    decide_credit(SALE, BLOCK, "operator", NOW, "seen with the goods", fraud=True)
    decide_credit("till#1", APPROVE, "operator", NOW + timedelta(hours=1))
    joins(bob)
    assert (sale().verdict, frauds(ann)) == (APPROVE, {SALE})
    for _ in range(2):
        decide_credit(SALE, APPROVE, "operator", NOW + timedelta(hours=2))
        assert frauds(ann) == set()
        check_books()


def test_that_nobody_decided_about_an_order_leaves_its_sale_the_days_that_it_has() -> None:
    rule(checks=DOUBT_ALL)
    _, bob = alone()
    late = NOW + timedelta(days=40)
    assert refuse_undecided(business_date(late), late) == 1
    sold(bob, now=late)
    joins(bob, now=late)
    assert sale().in_review
    assert refuse_undecided(business_date(late), late) == 0
