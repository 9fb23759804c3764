"""Of the orders that tell of a sale, one that names its buyer outweighs one found by its paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from siyu.domain.orders import Lead
from siyu.services.attach_orders import attach_waiting
from siyu.services.credit_again import credit_again
from siyu.services.identities import buyer as buyer_of
from siyu.services.merge_members import merge_members
from siyu.services.record_order import record_order
from siyu.storage import orders
from tests.services.doubts import BLOCK, KEY, credit, friends
from tests.services.rules import bind, credits_by_order, kept, member
from tests.services.shop import door, event, paid, receipt, scan, settle
from tests.support import NOW, empty_table

SALE = "~sale#42"
PAPER = receipt(9)
Step = Callable[[], object]


def tells(source: str, **said: Any) -> Step:
    """What one source says of the payment."""
    told = event("order.paid", order_id="1", paid_minor=10_000, payment_id="42", **said)
    return lambda: record_order(replace(told, source=source))


def found_by(finder: str) -> Step:
    return lambda: scan(PAPER, finder)


def owner() -> str | None:
    return orders.find([SALE])[SALE].order.member_id


@pytest.mark.parametrize("till", ["pos", "till"], ids=["before the shop's", "after it"])
@pytest.mark.parametrize("number", [{}, {"buyer_id": "walk-in"}], ids=["nameless", "by number"])
def test_who_finds_the_paper_has_nothing_of_what_another_source_names_a_buyer_for(
    till: str, number: dict[str, str]
) -> None:
    """Whatever the sources are called, and in whatever order it is told and found."""
    steps = ["till", "shop", "scan"]
    for order in permutations(steps):
        empty_table()
        dan, ann = member("dan", 1), member("ann", 2)
        eve = member("eve", 3)
        bind(dan, eve)
        do = {
            "till": tells(till, receipt_token=PAPER, **number),
            "shop": tells("shop", buyer={"openid": "ann"}),
            "scan": found_by("eve"),
        }
        for step in order:
            do[step]()
            settle()
        assert (owner(), kept()) == (ann.member_id, {}), order


def test_a_shops_number_outweighs_a_paper_too() -> None:
    for order in permutations(["till", "shop", "scan"]):
        empty_table()
        paid("0", 900, buyer_id="77", receipt_token=receipt(1))
        ann = scan(receipt(1), "ann")
        settle()
        scan(door(), "eve")
        do = {
            "till": tells("pos", receipt_token=PAPER),
            "shop": tells("shop", buyer_id="77"),
            "scan": found_by("eve"),
        }
        for step in order:
            do[step]()
            settle()
        assert owner() == ann.member_id, order


def test_a_payer_outweighs_nobody_who_holds_the_paper_of_the_sale_itself() -> None:
    """A friend paid: who sees the payment only knows of no buyer."""
    ann, bob = scan(door(), "ann"), scan(door(), "bob")
    tells("pay", payment_only=True, buyer={"openid": "ann"})()
    settle()
    assert owner() == ann.member_id
    tells("till", receipt_token=PAPER)()
    found_by("bob")()
    settle()
    assert owner() == bob.member_id


@pytest.mark.parametrize(
    ("said", "lead"),
    [
        ({"receipt_token": PAPER}, Lead.PAPER),
        ({"receipt_token": PAPER, "buyer_id": "b"}, Lead.NUMBER),
        ({"receipt_token": PAPER, "buyer_id": "b", "buyer": {"openid": "ann"}}, Lead.WECHAT),
    ],
)
def test_what_leads_to_a_member_is_kept_whenever_they_come(
    said: dict[str, Any], lead: Lead
) -> None:
    """Told whole or piece by piece, before the scan or after it."""
    pieces = [{name: value} for name, value in said.items()]
    for tellings in ([said], pieces, pieces[::-1]):
        for scanned in ("before", "after"):
            empty_table()
            scan(door(), "ann")
            if scanned == "before":
                scan(PAPER, "ann")
            for one in tellings:
                paid("1", 10_000, **one)
            if scanned == "after":
                scan(PAPER, "ann")
            settle()
            assert orders.find([KEY])[KEY].order.lead is lead, (tellings, scanned)


def test_what_was_waiting_under_a_number_is_known_by_it() -> None:
    paid("0", 900, buyer_id="b", receipt_token=receipt(1))
    paid("1", 900, buyer_id="b")
    ann = scan(receipt(1), "ann").member_id
    assert attach_waiting(buyer_of("shop", "b"), ann) == 2
    assert orders.find([KEY])[KEY].order.lead is Lead.NUMBER


def test_who_brought_a_friend_and_bought_by_the_shops_number_earns_nothing() -> None:
    ann, _ = friends("bob")
    paid("a", 900, buyer_id="77", receipt_token=receipt(8))
    scan(receipt(8), "ann")
    settle()
    tells("till", receipt_token=PAPER)()
    found_by("bob")()
    settle()
    assert kept()["42"] == 500
    record_order(
        event(
            "order.paid",
            order_id="2",
            paid_minor=10_000,
            payment_id="42",
            payment_only=True,
            buyer_id="77",
        )
    )
    settle()
    found = credits_by_order()["42"]
    assert (found.kept_minor, found.verdict) == (0, BLOCK)
    assert found.decision.reasons == ("paid_by_referrer",)
    assert orders.find(["shop#2"])["shop#2"].order.member_id == ann.member_id


def test_a_number_that_an_order_names_beside_its_buyer_tells_who_paid() -> None:
    """Nobody's order by that name, and yet the referrer's."""
    ann, _ = friends("bob")
    paid("a", 900, buyer_id="77", receipt_token=receipt(8))
    scan(receipt(8), "ann")
    settle()
    paid("1", 10_000, buyer_id="77", buyer={"openid": "bob"})
    settle()
    assert credit(KEY).decision.reasons == ("paid_by_referrer",)
    assert ann.member_id == credit(KEY).referrer_id


def test_a_merge_shows_that_the_referrer_bought_by_another_account() -> None:
    ann, _ = friends("bob")
    paid("c", 900, buyer_id="cat", receipt_token=receipt(8))
    cat = scan(receipt(8), "cat").member_id
    settle()
    tells("till", receipt_token=PAPER)()
    found_by("bob")()
    tells("pay", payment_only=True, buyer={"openid": "cat"})()
    settle()
    assert credit(SALE).kept_minor == 500
    merge_members(ann.member_id, cat, "unionid", "proof", NOW)
    credit_again([ann.member_id], NOW)
    assert credit(SALE).decision.reasons == ("paid_by_referrer",)
