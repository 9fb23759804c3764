"""What a source leaves out the first time and says the second makes no difference in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from siyu.errors import UnprocessableEventError
from siyu.services import identities
from siyu.services.attach_orders import attach_waiting
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.record_order import record_order
from siyu.services.show_member import show_member
from siyu.storage.order_items import buyers_of
from siyu.storage.orders import find
from tests.services.shop import door, event, paid, receipt, refunded, scan, settle
from tests.support import NOW, dump, empty_table, kinds

Telling = Callable[[], object]


def net(member_id: str) -> tuple[int, int]:
    figures = show_member(member_id).figures
    return figures.orders, figures.net_minor


def told(**more: Any) -> Telling:
    return lambda: paid("1", 5_000, **more)


BUYER: dict[str, Any] = {"buyer_id": "b"}
PAPER: dict[str, Any] = {"receipt_token": receipt(1)}


@pytest.mark.parametrize(
    "tellings",
    [
        [told(**BUYER), told(**BUYER, **PAPER)],
        [told(**PAPER), told(**PAPER, **BUYER)],
        [told(**PAPER), told(**BUYER)],
    ],
    ids=["buyer, then both", "paper, then both", "one, then the other"],
)
@pytest.mark.parametrize("scanned", ["before", "after"])
def test_a_paper_reveals_the_buyer_however_they_were_told(
    tellings: list[Telling], scanned: str
) -> None:
    """Another order of the same buyer waits; who holds the paper gets it too."""
    for order in permutations(tellings):
        empty_table()
        paid("0", 700, buyer_id="b")
        ann = scan(receipt(1), "ann").member_id if scanned == "before" else ""
        for one in order:
            one()
        ann = ann or scan(receipt(1), "ann").member_id
        settle()
        assert net(ann) == (2, 5_700)


def test_a_paper_that_two_sources_print_reveals_the_buyer_that_one_knows() -> None:
    shop = event("order.paid", order_id="s", paid_minor=5_000, payment_id="p", **BUYER, **PAPER)
    till = event("order.paid", order_id="t", paid_minor=5_000, payment_id="p", **PAPER)
    for order in permutations([shop, replace(till, source="till")]):
        empty_table()
        paid("0", 700, buyer_id="b")
        ann = scan(receipt(1), "ann").member_id
        for one in order:
            record_order(one)
        settle()
        assert net(ann) == (2, 5_700)


def test_the_buyer_outweighs_the_paper_whichever_is_told_first() -> None:
    """And the credit goes to who brought the buyer."""
    outcomes = set()
    for order in permutations([told(**PAPER), told(buyer={"openid": "ann"})]):
        empty_table()
        one, two = scan(door(), "one"), scan(door(), "two")
        finder = scan(receipt(1), "finder", one.referral_code).member_id
        ann = scan(door(), "ann", two.referral_code).member_id
        for tell in order:
            tell()
            settle()
        kept = [show_member(by.member_id).balance for by in (one, two)]
        outcomes.add((net(finder), net(ann), *(one.pending_minor for one in kept)))
    assert outcomes == {((0, 0), (1, 5_000), 0, 250)}


@pytest.mark.parametrize("order_id", ["1", None])
def test_a_refund_is_the_same_with_and_without_its_buyer(order_id: str | None) -> None:
    paid("1", 5_000, buyer_id="b", receipt_token=receipt(1))
    ann = scan(receipt(1), "ann").member_id
    settle()
    refunded(order_id, "r", 1_000)
    refunded(order_id, "r", 1_000, buyer_id="b")
    assert net(ann) == (1, 4_000)


def test_a_late_record_of_an_erased_identity_gives_nobody_anything() -> None:
    paid("1", 5_000, buyer_id="b", receipt_token=receipt(1))
    ann = scan(receipt(1), "ann").member_id
    settle()
    erase_member(ann, NOW)
    finish_erasure(ann, NOW)
    paid("2", 900, buyer_id="b")
    assert attach_waiting(identities.buyer("shop", "b"), ann) == 0
    assert kinds()["WAITING"] == 1


def test_an_erasure_takes_back_what_waits_at_every_name_of_the_buyer() -> None:
    names = {"openid": "ann", "unionid": "union-ann"}
    paid("1", 5_000, buyer=names, buyer_id="b")
    ann = scan(door(), "ann").member_id
    settle()
    assert (net(ann), kinds()["WAITING"]) == ((1, 5_000), 2)
    (order,) = [one.order for one in find(["shop#1"]).values()]
    erase_member(ann, NOW)
    finish_erasure(ann, NOW)
    stored = str(dump())
    assert not [index for _, index in buyers_of(order) if index in stored]


def test_what_is_more_than_an_item_takes_is_set_aside_and_not_tried_for_ever() -> None:
    plain = event("order.refunded", order_id="1", refund_id="r", refunded_minor=1)
    huge = replace(plain, body="x" * 500_000)
    with pytest.raises(UnprocessableEventError, match="too_large"):
        record_order(huge)
    assert dump() == {}
