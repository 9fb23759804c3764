"""A sale is released by what was released of its orders, and by no more than that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.calendar import business_date
from siyu.domain.ledger import PENDING, RELEASED
from siyu.services.credit_referral import following, settle
from siyu.services.expire_credit import expire_due
from siyu.services.record_order import record_order
from siyu.services.review_credits import decide_credit, open_page
from siyu.storage import credit_items
from tests.books import check_books
from tests.services.doubts import APPROVE, BLOCK, DOUBT_ALL
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
from tests.services.rules import ago, bind, member, pair, rule, used
from tests.services.shop import event
from tests.support import NOW, dump


@pytest.mark.parametrize("sale_first", [True, False])
@pytest.mark.parametrize("spent", [0, 400])
def test_a_sale_is_released_if_all_of_it_was_released_of_its_order(
    sale_first: bool, spent: int
) -> None:
    """Whichever of the two is looked at first."""
    rule(credit_days=10)
    ann, bob = alone()
    release()
    spent_by(ann, spent) if spent else None
    later = NOW + timedelta(days=3)
    sold(bob, now=later) if sale_first else tell("shop#1", payment_id="42")
    joins(bob, now=later)
    assert (sale().state, has(ann)) == (RELEASED, (0, 500 - spent))
    assert release() == 0
    assert sale().expires_on == TODAY + timedelta(days=10)


@pytest.mark.parametrize("sale_first", [True, False])
def test_a_sale_that_comes_to_more_by_another_order_waits_and_then_is_released(
    sale_first: bool,
) -> None:
    rule(credit_days=10)
    ann, bob = alone()
    release()
    spent_by(ann, 400)
    if sale_first:
        joins(bob)
        assert (sale().state, has(ann)) == (RELEASED, (0, 100))
    tell("till#2", 20_000, payment_id="42")
    joins(bob)
    assert (sale().state, sale().expires_on, has(ann)) == (PENDING, None, (1_500, -400))
    assert release() == 1
    assert has(ann) == (0, 1_100)
    tell("till#3", 20_000, payment_id="42")
    follow(bob, "till#3", SALE)
    assert has(ann) == (0, 2_100)
    check_books()


def test_a_night_lets_go_nothing_by_what_went_over_before() -> None:
    rule("before", 300)
    ann, bob = alone()
    rule("doubts", 8, checks=DOUBT_ALL)
    sold(bob, days_ago=2)
    joins(bob)
    later = NOW + timedelta(days=20)
    release(later)
    follow(bob, "till#1", SALE, now=later)
    assert (sale().in_review, has(ann)) == (True, (500, 0))


def test_what_waits_of_an_order_does_not_wait_where_its_sale_is_released() -> None:
    rule()
    ann, bob = pair()
    sold(bob)
    release()
    tell("till#1")
    follow(bob, "till#1")
    assert has(ann) == (500, 500)
    joins(bob)
    assert (sale().state, has(ann)) == (RELEASED, (0, 500))


def test_little_that_was_released_does_not_let_go_much_that_waits() -> None:
    rule()
    ann, bob = alone(1_000)
    release()
    sold(bob, 200_000, 1)
    joins(bob, 1_000)
    assert has(ann) == (10_000, 0)


def test_what_was_released_does_not_let_go_more_that_somebody_has_to_look_at() -> None:
    rule("before", 300)
    ann, bob = alone()
    release()
    rule("doubts", 8, checks=DOUBT_ALL)
    sold(bob, 20_000, days_ago=2)
    assert sale().in_review
    joins(bob)
    assert [one.order_key for one in open_page(None, None, 9, None).credits] == [SALE]
    assert has(ann) == (1_000, 0)


def test_what_was_taken_back_and_earned_again_was_released_once() -> None:
    rule()
    ann, bob = alone()
    for verdict in 3 * (BLOCK, APPROVE):
        decide_credit("till#1", verdict, "operator", NOW, "seen with the goods")
    assert has(ann) == (0, 500)
    tell("shop#1", 20_000, 1, payment_id="42")
    joins(bob)
    assert (sale().state, has(ann)) == (PENDING, (1_000, 0))


@pytest.mark.parametrize(
    ("orders", "expired", "blocked"), [(3, 1, 0), (6, 0, 0), (6, 1, 0), (6, 0, 1)]
)
def test_of_many_orders_each_is_reckoned_once(orders: int, expired: int, blocked: bool) -> None:
    """Also if more are there than go over at once."""
    rule(per_year_minor=100_000, credit_days=10)
    ann, bob = pair()
    names = [f"till#{number}" for number in range(orders)]
    for number, key in enumerate(names):
        tell(key, 1_000 * (number + 1))
    follow(bob, *names)
    assert release() == orders
    over(names[1], TODAY) if expired else None
    assert expire_due(TODAY, NOW) == expired
    has_before = has(ann)
    for number, key in enumerate(names):
        if blocked:
            decide_credit(key, BLOCK, "operator", NOW, "seen with the goods")
        tell(key, 1_000 * (number + 1), payment_id="42")
    follow(bob, *names, SALE)
    check_books()
    assert has(ann) == ((0, 0) if blocked else has_before)
    assert (sale().state, sale().blocked) == (RELEASED, blocked)
    counted = [int(one["used_minor"]["N"]) for one in dump().values() if one["kind"]["S"] == "CAP"]
    assert set(counted) == {sale().granted_minor}


def test_a_sale_of_which_all_was_released_in_its_orders_is_released() -> None:
    rule()
    ann, bob = alone(9_990)
    tell("till#2", 9_990)
    follow(bob, "till#2")
    assert release() == 2
    tell("till#2", 9_990, payment_id="42")
    joins(bob, 9_990)
    assert (sale().state, has(ann)) == (RELEASED, (0, 999))


@pytest.mark.parametrize("refused", [False, True])
def test_little_that_was_released_does_not_let_go_a_large_sale_without_a_credit(
    refused: bool,
) -> None:
    """Whichever of the two is looked at first, and whatever is decided in between."""
    rule()
    ann, bob = alone(1_000)
    release()
    tell("shop#1", 200_000, 1, payment_id="42")
    if refused:
        decide_credit("till#1", BLOCK, "operator", NOW, "seen with the goods")
    joins(bob, 1_000)
    if refused:
        assert (sale().granted_minor, has(ann)) == (50, (0, 0))
        decide_credit(SALE, APPROVE, "operator", NOW)
    assert (sale().state, has(ann)) == (PENDING, (10_000, 0))
    assert release() == 0
    check_books()


@pytest.mark.parametrize("own", [True, False])
def test_what_was_refused_after_its_release_goes_on_to_count_once(own: bool) -> None:
    rule(per_year_minor=1_000)
    ann, bob = alone()
    if own:
        sold(bob)
    release()
    decide_credit(SALE if own else "till#1", BLOCK, "operator", NOW, "seen with the goods")
    joins(bob)
    assert (has(ann), sale().granted_minor) == ((0, 0), 500)
    counted = [int(one["used_minor"]["N"]) for one in dump().values() if one["kind"]["S"] == "CAP"]
    assert set(counted) == {500}


def test_an_order_that_went_over_lets_go_nothing_of_a_sale_that_changes_hands() -> None:
    rule()
    ann, bob = alone(1_000)
    release()
    dan, carl = member("dan", 3), member("carl", 4)
    bind(dan, carl)
    tell("shop#1", 200_000, 1, "carl", payment_id="42")
    follow(carl, "shop#1", SALE)
    joins(bob, 1_000)
    assert (has(ann), has(dan)) == ((0, 0), (10_000, 0))
    tell("app#1", 200_000, 1, payment_id="42")
    follow(bob, "app#1", SALE)
    check_books()
    assert (has(ann), has(dan)) == ((10_000, 0), (0, 0))


@pytest.mark.parametrize("first", ["block", "join"])
def test_a_refusal_leaves_counted_what_was_released_whenever_it_comes(first: str) -> None:
    rule(per_year_minor=1_000)
    _, bob = alone()
    tell("till#2")
    follow(bob, "till#2")
    assert release() == 2

    def block() -> None:
        decide_credit("till#1", BLOCK, "operator", NOW, "seen with the goods", fraud=True)

    block() if first == "block" else None
    tell("till#2", payment_id="42")
    joins(bob)
    block() if first == "join" else None
    assert set(used().values()) == {1_000}
    check_books()


def test_what_came_back_whole_lets_nothing_go() -> None:
    rule(max_credit_minor=1_000)
    ann, bob = alone(20_000)
    release()
    back = event("order.refunded", order_id="1", refund_id="r1", refunded_minor=20_000)
    record_order(replace(back, source="till"))
    follow(bob, "till#1")
    assert has(ann) == (0, 0)
    for key in ("shop#1", "shop#2", "till#2"):
        tell(key, 20_000, 1, payment_id="42")
    joins(bob, 20_000)
    assert (sale().state, has(ann)) == (PENDING, (500, 0))


def test_what_two_sources_tell_of_was_released_once() -> None:
    rule()
    ann, bob = alone()
    tell("app#1")
    follow(bob, "app#1")
    assert release() == 2
    tell("app#1", payment_id="42")
    joins(bob)
    assert has(ann) == (0, 500)
    tell("app#2", days_ago=1, payment_id="42")
    follow(bob, "app#2", SALE)
    assert (sale().state, has(ann)) == (PENDING, (1_000, 0))


def test_nothing_stands_twice_while_one_order_after_another_goes_over() -> None:
    rule()
    ann, bob = pair()
    names = [f"till#{number}" for number in range(7)]
    for key in names:
        tell(key)
    follow(bob, *names)
    assert release() == 7
    for key in names:
        tell(key, payment_id="42")
    order, credit = credit_items.look_up([SALE])[SALE]
    assert order is not None
    while settle(SALE, order, credit, following({bob.member_id}), NOW).moved:
        assert has(ann) == (0, 3_500)
        check_books()
        credit = sale()
    assert sale().kept_minor == 3_500


def test_what_comes_in_addition_never_ends_where_the_rules_say_so() -> None:
    rule("for ever", 300)
    rule("ten", 25, credit_days=10)
    ann, bob = pair(ago(40))
    tell("till#1", payment_id="42")
    follow(bob, "till#1", SALE)
    assert release() == 1
    later = NOW + timedelta(days=11)
    assert expire_due(business_date(later), later) == 1
    tell("till#2", days_ago=30, payment_id="42")
    follow(bob, "till#2", SALE, now=later)
    assert (sale().programme, sale().lasts_until, has(ann)) == ("for ever", None, (0, 500))
    check_books()
