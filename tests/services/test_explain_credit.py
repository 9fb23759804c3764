"""What a credit is made of adds up: every refund has its share, and nothing is left over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from siyu.domain.ledger import EntryKind
from siyu.errors import NotFoundError
from siyu.services.explain_credit import Explained, explain_credit
from siyu.services.record_order import record_order
from siyu.services.referrer_standing import set_standing
from tests.services.doubts import BLOCK, KEY, credit, decide, doubted, friends, rules
from tests.services.shop import event, paid, refunded, send, settle
from tests.support import NOW

SALE = "~sale#42"


def backs(told: Explained) -> list[tuple[str, str | None, int, int]]:
    return [
        (one.order_key, one.refund_id, one.refunded_minor, one.share_minor) for one in told.backs
    ]


def pay2(kind: str, **data: Any) -> None:
    """The payment provider tells of the same sale."""
    record_order(replace(event(kind, order_id="P", **data), source="pay2"))


def sold() -> None:
    """Bob's purchase, which his shop and the payment provider tell of."""
    friends("bob")
    paid("1", 10_000, buyer_id="bob", payment_id="42")
    pay2("order.paid", paid_minor=10_000, payment_id="42", payment_only=True)


def test_the_shares_of_refunds_are_what_was_taken_back_to_the_unit() -> None:
    doubted(10_007)
    for number, amount in enumerate((1_111, 2_222, 3_333), 1):
        refunded("1", f"r{number}", amount)
    settle()
    told = explain_credit(KEY)
    assert [(back.refund_id, back.share_minor) for back in told.backs] == [
        ("r1", 56),
        ("r2", 111),
        ("r3", 167),
    ]
    assert (credit().reversed_minor, told.otherwise_minor) == (334, 0)
    decide(BLOCK)
    told = explain_credit(KEY)
    assert sum(back.share_minor for back in told.backs) == 334
    assert told.otherwise_minor == 166


def test_after_a_lift_every_refund_has_its_own_share() -> None:
    """What was taken back while the referrer was suspended and came again, no refund took."""
    ann, _ = friends("bob")
    paid("1", 10_000, buyer_id="bob")
    settle()
    set_standing(ann.member_id, NOW - timedelta(days=5), suspended=True)
    set_standing(ann.member_id, NOW, suspended=False)
    assert credit().kept_minor == 500
    for number, amount in enumerate((20, 4_000), 1):
        refunded("1", f"r{number}", amount)
    settle()
    told = explain_credit(KEY)
    assert [(back.refund_id, back.share_minor) for back in told.backs] == [("r1", 1), ("r2", 200)]
    assert told.otherwise_minor == 500
    assert credit().kept_minor == 299


def test_what_no_refund_names_has_a_share_too() -> None:
    doubted()
    refunded("1", "r1", 2_500)
    send("order.cancelled", order_id="1")
    settle()
    told = explain_credit(KEY)
    assert [(back.refund_id, back.refunded_minor, back.share_minor) for back in told.backs] == [
        ("r1", 2_500, 125),
        (None, 7_500, 375),
    ]


def test_a_sale_is_given_back_as_its_best_source_tells() -> None:
    """The payment provider numbers the same refunds in its own way."""
    sold()
    for number, amount in (("a", 1_000), ("b", 2_001)):
        refunded("1", f"shop-{number}", amount)
        pay2("order.refunded", refund_id=f"pay-{number}", refunded_minor=amount)
    settle()
    told = explain_credit(SALE)
    assert backs(told) == [("shop#1", "shop-a", 1_000, 50), ("shop#1", "shop-b", 2_001, 101)]
    assert (told.credit.reversed_minor, told.otherwise_minor) == (151, 0)


def test_what_only_another_source_knows_of_is_named_by_none() -> None:
    sold()
    refunded("1", "shop-a", 1_000)
    pay2("order.refunded", refund_id="pay-x", refunded_minor=4_000)
    settle()
    told = explain_credit(SALE)
    assert backs(told) == [("shop#1", "shop-a", 1_000, 50), (SALE, None, 3_000, 150)]
    assert (told.credit.reversed_minor, told.otherwise_minor) == (200, 0)


def test_an_order_without_a_credit_has_none_to_explain() -> None:
    friends("bob")
    for key in ("shop#0bob", "shop#7", "x"):
        with pytest.raises(NotFoundError):
            explain_credit(key)


def test_more_refunded_than_paid_is_said_and_shares_are_the_entries() -> None:
    """However the refunds are called: what came last had the least left to take."""
    rules(rate_bp=1_000)
    friends("bob")
    paid("1", 10_000, buyer_id="bob")
    settle()
    for hours, (name, amount) in enumerate((("c", 3_000), ("b", 3_333), ("a", 99_999))):
        at = (NOW + timedelta(hours=hours)).isoformat()
        refunded("1", name, amount, occurred_at=at)
        settle()
    told = explain_credit(KEY)
    taken = [entry.amount_minor for entry, _ in told.entries if entry.kind is EntryKind.REVERSE]
    assert [(back.refund_id, back.share_minor) for back in told.backs] == [
        ("c", 300),
        ("b", 334),
        ("a", 366),
    ]
    assert sorted(taken) == [300, 334, 366]
    assert (told.beyond_paid_minor, told.otherwise_minor) == (96_332, 0)


def test_refunds_of_a_sale_are_told_in_the_order_in_which_they_happened() -> None:
    friends("bob")
    for order_id in "12":
        paid(order_id, 5_000, buyer_id="bob", payment_id="42")
    for order_id, hours in (("1", 2), ("2", 1)):
        at = (NOW + timedelta(hours=hours)).isoformat()
        refunded(order_id, "r", 3_333, occurred_at=at)
        refunded(order_id, "r", 3_333, occurred_at=NOW.isoformat() if order_id == "1" else at)
    settle()
    told = explain_credit(SALE)
    assert backs(told) == [("shop#1", "r", 3_333, 167), ("shop#2", "r", 3_333, 167)]
    assert told.beyond_paid_minor == 0
