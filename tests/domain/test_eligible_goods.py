"""What part of a purchase the programme pays for: each order's lines say it of that order alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.order_facts import Line, Paid
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme
from siyu.domain.referrals import Binding, Goods, Obstacle, Purchases, demand_of, obstacles_of

START = datetime(2026, 1, 1, tzinfo=UTC)
BINDING = Binding("FRIEND", "SENDER", START)
# All that is eligible is earned, so what is earned says what is eligible.
WHOLE = Programme("v", START, rate_bp=10_000, min_order_minor=0, excluded_skus=("GIFT*",))
GIFT, SHOES = "GIFT-1", "SHOES"

lines = st.lists(
    st.builds(Line, st.sampled_from([GIFT, SHOES]), st.just(1), st.integers(0, 10**4)), max_size=4
).map(tuple)
goods = st.lists(st.builds(Goods, st.integers(1, 10**5), lines), min_size=1, max_size=4)


def bought(*told: Goods) -> tuple[Order, Purchases]:
    paid = sum(one.paid_minor for one in told)
    return Order("pos", "1", Paid(paid, START), member_id="FRIEND"), Purchases(told)


def eligible(*told: Goods) -> int:
    order, purchases = bought(*told)
    return demand_of(order, BINDING, WHOLE, purchases)


def of(paid: int, *lines: tuple[str, int]) -> Goods:
    return Goods(paid, tuple(Line(sku, 1, amount) for sku, amount in lines))


def test_the_lines_of_one_order_say_nothing_of_another() -> None:
    assert eligible(of(1_000, (GIFT, 1_000)), of(99_000)) == 99_000
    assert eligible(of(1_000, (SHOES, 1_000)), of(99_000, (GIFT, 1))) == 1_000


@given(goods)
def test_what_orders_are_eligible_for_adds_up(told: list[Goods]) -> None:
    assert eligible(*told) == sum(map(eligible, told))


@given(goods)
def test_no_more_is_eligible_than_was_paid_and_nothing_of_gifts_alone(told: list[Goods]) -> None:
    only_gifts = [Goods(one.paid_minor, (*_gifts(one), Line(GIFT, 1, 0))) for one in told]
    assert 0 <= eligible(*told) <= sum(one.paid_minor for one in told)
    assert eligible(*only_gifts) == 0


def _gifts(goods: Goods) -> tuple[Line, ...]:
    return tuple(line for line in goods.lines if line.sku == GIFT)


@pytest.mark.parametrize("amount", [0, 1, 10_000])
def test_excluded_goods_alone_are_no_purchase_whatever_their_lines_cost(amount: int) -> None:
    order, purchases = bought(of(10_000, (GIFT, amount)))
    assert obstacles_of(order, BINDING, WHOLE, purchases) == [Obstacle.EXCLUDED]


def test_where_no_line_costs_anything_some_goods_that_count_make_all_of_it_count() -> None:
    assert eligible(of(10_000, (GIFT, 0), (SHOES, 0))) == 10_000
    assert eligible(of(10_000, (SHOES, 0))) == 10_000
