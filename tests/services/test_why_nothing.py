"""Whoever asks why an order earned nothing is told, by the rules that decided it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.domain.referrals import Obstacle
from siyu.errors import NotFoundError
from siyu.services.why_nothing import Told, why
from tests.services.doubts import BLOCK, credit, decide
from tests.services.rules import bind, buy, member, pair, rule, trigger
from tests.services.shop import refunded, send
from tests.support import NOW


def because(order_id: str = "1") -> list[Obstacle]:
    told = why(f"shop#{order_id}")
    assert told.explained is None
    return list(told.obstacles)


@pytest.mark.parametrize(
    ("rules", "amount", "obstacle"),
    [
        ({"enabled": False}, 10_000, Obstacle.PAUSED),
        ({"min_order_minor": 10_001}, 10_000, Obstacle.BELOW_MINIMUM),
        ({"referral_days": 18}, 10_000, Obstacle.TOO_LATE),
        ({"rate_bp": 0}, 10_000, Obstacle.NO_WORTH),
        ({"rate_bp": 1, "min_order_minor": 0}, 9_999, Obstacle.NO_WORTH),
    ],
)
def test_the_rules_in_force_say_what_stands_in_the_way(
    rules: dict[str, Any], amount: int, obstacle: Obstacle
) -> None:
    rule(**rules)
    _, bob = pair()
    buy("1", amount)
    trigger(bob, "1")
    assert because() == [obstacle]


def test_all_that_stands_in_the_way_is_said() -> None:
    rule(min_order_minor=5_000)
    pair()
    buy("1", 1_000, 21)
    assert because() == [Obstacle.BELOW_MINIMUM, Obstacle.BEFORE_JOINING]


def test_who_bought_it_may_be_unknown_or_brought_by_nobody() -> None:
    buy("1", 10_000)
    assert because() == [Obstacle.NO_MEMBER]
    member("eve", 3)
    buy("2", 10_000, who="eve")
    assert because("2") == [Obstacle.NOBODY]


def test_an_order_that_was_not_paid_earns_nothing_yet() -> None:
    pair()
    send("order.created", order_id="1", occurred_at=NOW.isoformat())
    assert because() == [Obstacle.NOT_PAID]


def test_goods_that_earn_nothing_are_named() -> None:
    rule(excluded_skus=("GIFT-*",))
    pair()
    buy("1", 10_000, lines=[{"sku": "GIFT-1", "quantity": 1, "amount_minor": 10_000}])
    assert because() == [Obstacle.EXCLUDED]


@pytest.mark.parametrize(
    ("rules", "earlier", "obstacle"),
    [
        ({"new_customers_only": True}, 30, Obstacle.NOT_NEW),
        ({"first_purchase_only": True}, 10, Obstacle.NOT_FIRST),
    ],
)
def test_other_purchases_of_the_friend_stand_in_the_way(
    rules: dict[str, Any], earlier: int, obstacle: Obstacle
) -> None:
    rule(**rules)
    pair()
    buy("0", 10_000, earlier)
    buy("1", 10_000, 5)
    assert because() == [obstacle]


def test_what_is_counted_in_a_sale_names_the_sale_that_has_the_credit() -> None:
    _, bob = pair()
    buy("1", 10_000, payment_id="42")
    told = why("shop#1")
    assert (told.obstacles, told.counted_in) == ([Obstacle.IN_SALE], "~sale#42")
    trigger(bob, "1")
    assert why("~sale#42").obstacles == [Obstacle.UNSETTLED]


def test_what_the_stream_has_not_come_to_yet_is_on_its_way() -> None:
    _, bob = pair()
    buy("1", 10_000)
    assert because() == [Obstacle.UNSETTLED]
    trigger(bob, "1")
    told = why("shop#1")
    assert (told.explained is not None, told.obstacles) == (True, ())


def test_a_credit_that_the_rules_took_back_says_why_and_no_other_does() -> None:
    """An earlier purchase is told of later: this one was the first no more."""
    rule(first_purchase_only=True)
    _, bob = pair()
    buy("1", 10_000, 5)
    trigger(bob, "1")
    assert why("shop#1").obstacles == ()
    buy("0", 10_000, 10)
    trigger(bob, "0")
    told = why("shop#1")
    assert told.explained is not None
    assert told.explained.credit.kept_minor == 0
    assert told.obstacles == [Obstacle.NOT_FIRST]


def test_refunds_and_rulings_explain_themselves() -> None:
    _, bob = pair()
    for order_id in "12":
        buy(order_id, 10_000)
        trigger(bob, order_id)
    refunded("1", "r", 10_000)
    trigger(bob, "1")
    ann, eve = member("cat", 4), member("eve", 3)
    bind(ann, eve, refused="same_device")
    buy("3", 10_000, who="eve")
    trigger(eve, "3")
    decide(BLOCK, "shop#3")
    for order_id in "13":
        told = why(f"shop#{order_id}")
        assert isinstance(told, Told)
        assert credit(f"shop#{order_id}").kept_minor == 0
        assert (told.explained is not None, told.obstacles) == (True, ())


@pytest.mark.parametrize("key", ["shop#7", "x", "~sale#1"])
def test_an_order_that_nobody_told_of_is_not_found(key: str) -> None:
    with pytest.raises(NotFoundError):
        why(key)


def test_the_day_of_joining_counts() -> None:
    _, bob = pair(NOW - timedelta(days=1))
    buy("1", 10_000, 1)
    trigger(bob, "1")
    assert credit("shop#1").earned_minor == 500
