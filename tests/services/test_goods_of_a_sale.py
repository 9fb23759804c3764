"""Excluded goods in a sale that several orders tell of, and what refunds take of it."""

from __future__ import annotations

from typing import Any

from siyu.services.credit_referral import credit_referral, following
from tests.services.rules import buy, kept, pair, rule, trigger
from tests.services.shop import refunded
from tests.support import NOW

GIFT: dict[str, Any] = {"lines": [{"sku": "GIFT-1", "quantity": 1, "amount_minor": 1_000}]}
SHOES: dict[str, Any] = {"lines": [{"sku": "SHOES", "quantity": 1, "amount_minor": 1_000}]}


def sale(*orders: tuple[int, dict[str, Any]]) -> dict[str, int]:
    rule(excluded_skus=("GIFT-*",))
    _, bob = pair()
    for number, (amount, said) in enumerate(orders):
        buy(str(number), amount, payment_id="42", **said)
    credit_referral("~sale#42", following({bob.member_id}), NOW)
    return kept()


def test_a_gift_in_one_order_leaves_the_other_without_lines_as_it_is() -> None:
    assert sale((1_000, GIFT), (99_000, {})) == {"42": 4_950}


def test_an_order_without_lines_takes_nothing_from_the_goods_of_another() -> None:
    assert sale((1_000, SHOES), (99_000, {})) == {"42": 5_000}


def test_a_refund_takes_its_part_of_the_credit_whatever_went_back() -> None:
    """Refunds name no goods: the gift that comes back takes half, and so would the shoes."""
    rule(excluded_skus=("GIFT-*",))
    _, bob = pair()
    lines = [{"sku": sku, "quantity": 1, "amount_minor": 5_000} for sku in ("GIFT-1", "SHOES")]
    buy("1", 10_000, lines=lines)
    trigger(bob, "1")
    assert kept() == {"1": 250}
    refunded("1", "r", 5_000)
    trigger(bob, "1")
    assert kept() == {"1": 125}
