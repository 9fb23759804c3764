"""Scenario 4: the refund comes two hours before its sale. Until then nothing is counted; from then
on only the net amount is, for the buyer and for who referred them."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.domain.ledger import Balance
from tests.acceptance.orders import (
    BOBS,
    balance,
    figures,
    follow,
    friends,
    hours,
    of_kind,
    quarantined,
    refunded,
    state,
    told,
    work,
)
from tests.services.shop import receipt, scan
from tests.support import NOW, empty_table, kinds

NOTHING = Balance()


def sale(**more: Any) -> str:
    """The sale's event; both were on their way since the same moment."""
    fields = {"order_id": "1", "paid_minor": 10_000, "buyer": BOBS, **more}
    return told("order.paid", "d-paid", at=hours(2), **fields)


def refund(amount: int, name: str = "r", **more: Any) -> str:
    fields = {"order_id": "1", "refund_id": name, "refunded_minor": amount, **more}
    return told("order.refunded", f"d-{name}", at=NOW, **fields)


def test_nothing_is_counted_before_the_sale_is_known() -> None:
    friends()
    assert work(refund(3_000)) == []
    follow()
    (order,) = of_kind("ORDER")
    assert "paid_minor" not in order
    assert "member_id" not in order
    assert (figures(), balance()) == ((0, 0), NOTHING)
    assert not {"CREDIT", "ENTRY"} & kinds().keys()


@pytest.mark.parametrize(
    ("amount", "orders", "net", "kept"),
    [(3_000, 1, 7_000, 350), (10_000, 0, 0, 0), (1, 1, 9_999, 499)],
)
def test_two_hours_later_the_net_amount_is_counted_once(
    amount: int, orders: int, net: int, kept: int
) -> None:
    friends()
    assert work(refund(amount)) == []
    follow()
    assert work(sale()) == []
    follow()
    assert figures() == (orders, net)
    assert balance() == Balance(kept, earned_minor=500, reversed_minor=500 - kept)
    assert quarantined() == []


def test_it_ends_as_if_they_had_come_the_right_way_round() -> None:
    texts = [sale(), refund(2_000, "r1"), refund(1_500, "r2")]
    outcomes = []
    for arrangement in (texts, texts[::-1], [texts[1], texts[0], texts[2]]):
        empty_table()
        friends()
        for text in arrangement:
            assert work(text) == []
        follow()
        outcomes.append(state())
    assert outcomes == [outcomes[0]] * 3
    assert figures() == (1, 6_500)


def test_both_in_one_batch_are_no_different() -> None:
    """They are read for together: the second finds that what was read ahead is outdated."""
    friends()
    assert work(refund(3_000), sale(), refund(3_000)) == []
    follow()
    assert figures() == (1, 7_000)
    assert balance() == Balance(350, earned_minor=500, reversed_minor=150)


def test_a_sale_of_nobody_brings_its_net_amount_to_who_scans_the_receipt() -> None:
    friends()
    assert work(refund(3_000)) == []
    assert work(sale(buyer=None, receipt_token=receipt(7))) == []
    follow()
    assert (figures(), balance()) == ((0, 0), NOTHING)
    scan(receipt(7), "openid-bob")
    follow()
    assert figures() == (1, 7_000)
    assert balance() == Balance(350, earned_minor=500, reversed_minor=150)


def test_a_refund_that_one_source_knows_before_any_sale_counts_in_the_linked_sale() -> None:
    friends()
    seen: dict[str, Any] = {
        "order_id": "P1",
        "payment_id": "42",
        "paid_minor": 10_000,
        "payment_only": True,
    }
    back: dict[str, Any] = {"order_id": "P1", "refund_id": "p-r", "refunded_minor": 3_000}
    assert work(told("order.refunded", "p2", "pay2", **back)) == []
    assert work(sale(payment_id="42")) == []
    follow()
    assert figures() == (1, 10_000)
    assert work(told("order.paid", "p1", "pay2", at=hours(2), **seen)) == []
    follow()
    assert figures() == (1, 7_000)
    assert balance() == Balance(350, earned_minor=500, reversed_minor=150)


def test_a_refund_whose_sale_never_comes_waits_and_takes_from_nobody() -> None:
    friends()
    assert work(refunded("d1", 3_000, "unknown", buyer_id="b")) == []
    for _ in range(2):
        follow()
    assert (figures(), balance()) == ((0, 0), NOTHING)
    assert (kinds()["FACT"], quarantined()) == (1, [])
