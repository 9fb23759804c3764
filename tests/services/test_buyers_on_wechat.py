"""Orders that name their buyer as WeChat does find their member without a receipt."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from siyu.errors import ConflictingFactError
from siyu.services import identities
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.record_order import record_order
from siyu.services.show_member import show_member
from siyu.storage import members, orders
from siyu.storage.transaction import Transaction
from tests.services.shop import door, event, paid, receipt, refunded, scan, settle
from tests.support import NOW, dump, kinds

OPENID = {"openid": "ann"}
UNIONID = {"unionid": "union-ann", "openid": "ann-in-the-shop", "app_id": "wxshop"}


def net(member_id: str) -> tuple[int, int]:
    figures = show_member(member_id).figures
    return figures.orders, figures.net_minor


@pytest.mark.parametrize("buyer", [OPENID, UNIONID], ids=["openid", "unionid"])
def test_a_known_shopper_has_the_order_at_once(buyer: dict[str, str]) -> None:
    ann = scan(door(), "ann", unionid="union-ann").member_id
    paid("1", 5_000, buyer=buyer)
    assert net(ann) == (1, 5_000)
    assert "WAITING" not in kinds()


@pytest.mark.parametrize("buyer", [OPENID, UNIONID], ids=["openid", "unionid"])
def test_an_order_waits_for_a_shopper_who_joins_later(buyer: dict[str, str]) -> None:
    paid("1", 5_000, buyer=buyer, buyer_id="b")
    refunded("1", "r", 1_000)
    assert kinds()["WAITING"] == len(buyer.keys() - {"app_id"}) + 1
    ann = scan(door(), "ann", unionid="union-ann").member_id
    settle()
    assert net(ann) == (1, 4_000)


def test_an_openid_of_another_app_is_another_person() -> None:
    scan(door(), "ann")
    paid("1", 5_000, buyer={"openid": "ann", "app_id": "wxother"})
    settle()
    assert kinds()["WAITING"] == 1


def test_who_found_the_paper_has_the_order_and_not_the_buyers_name() -> None:
    """A shop's buyer follows the paper; who somebody is for WeChat does not."""
    paid("1", 5_000, buyer=OPENID, receipt_token=receipt(1))
    finder = scan(receipt(1), "finder").member_id
    settle()
    assert net(finder) == (1, 5_000)
    ann = scan(door(), "ann").member_id
    settle()
    paid("2", 700, buyer=OPENID)
    assert ann != finder
    assert (net(ann), net(finder)) == ((1, 700), (1, 5_000))


def test_what_is_told_more_fully_later_is_added() -> None:
    ann = scan(door(), "ann").member_id
    paid("1", 5_000, store_id="A1B")
    paid("1", 5_000, buyer=OPENID, guide_id="lily", occurred_at="2026-11-22T03:59:00Z")
    assert net(ann) == (1, 5_000)
    (order,) = orders.of_member(ann)
    assert order.paid is not None
    assert (order.paid.store_id, order.paid.guide_id) == ("A1B", "lily")
    assert order.paid.occurred_at.isoformat() == "2026-11-22T03:59:00+00:00"


@pytest.mark.parametrize("other", [{"store_id": "B2C"}, {"buyer_id": "c"}, {"payment_id": "q"}])
def test_what_contradicts_the_first_telling_is_refused(other: dict[str, Any]) -> None:
    paid("1", 5_000, store_id="A1B", buyer_id="b", payment_id="p")
    before = dump()
    with pytest.raises(ConflictingFactError):
        paid("1", 5_000, **other)
    assert dump() == before


@pytest.mark.parametrize("first", ["without", "with"])
def test_a_payment_that_is_told_later_counts_the_sale_once(first: str) -> None:
    """Also in the ledger: what the order earned by itself is the sale's."""
    bob = scan(door(), "bob")
    ann = scan(door(), "ann", bob.referral_code).member_id
    payment = event("order.paid", order_id="t", paid_minor=5_000, payment_id="p", payment_only=True)
    record_order(replace(payment, source="pay"))
    told: list[dict[str, Any]] = [{}, {"payment_id": "p"}]
    for more in told[:: 1 if first == "without" else -1]:
        paid("1", 5_000, buyer=OPENID, **more)
        settle()
    assert net(ann) == (1, 5_000)
    balance = show_member(bob.member_id).balance
    assert (balance.pending_minor, balance.earned_minor - balance.reversed_minor) == (250, 250)


def linked(order_id: str, **buyer: object) -> None:
    """A shop's order and its payment, which waits for its buyer."""
    paid(order_id, 5_000, buyer_id="b", payment_id=f"pay-{order_id}", receipt_token=receipt(9))
    payment = event(
        "order.paid",
        order_id=f"trade-{order_id}",
        paid_minor=5_000,
        payment_id=f"pay-{order_id}",
        payment_only=True,
        buyer=buyer,
    )
    record_order(replace(payment, source="pay"))


def test_a_sale_belongs_to_whom_its_best_order_leads_whoever_joins_first() -> None:
    """A friend paid: the shop knows for whom."""
    linked("1", **OPENID)
    ann = scan(door(), "ann").member_id
    settle()
    assert net(ann) == (1, 5_000)
    # The name that the shop gave still waits, and outweighs that of who paid.
    cat = scan(door(), "cat").member_id
    write_buyer(cat, "b")
    settle()
    assert (net(ann), net(cat)) == ((0, 0), (1, 5_000))
    assert "WAITING" not in kinds()


def test_erasing_forgets_the_buyer_in_every_order_of_a_sale() -> None:
    linked("1", **OPENID)
    ann = scan(receipt(9), "ann").member_id
    settle()
    assert net(ann) == (1, 5_000)
    erase_member(ann, NOW)
    finish_erasure(ann, NOW)
    names = [identities.buyer("shop", "b")[1], identities.mini_program_openid("ann")[1]]
    stored = json.dumps([[*map(str, key), item] for key, item in dump().items()], default=str)
    assert not any(name in stored for name in names)
    given_back = event("order.refunded", order_id="trade-1", refund_id="r", refunded_minor=1_000)
    record_order(replace(given_back, source="pay"))
    paid("1", 5_000, buyer_id="b", payment_id="pay-1", guide_id="lily")
    stored = json.dumps([[*map(str, key), item] for key, item in dump().items()], default=str)
    assert not any(name in stored for name in names)
    standing = orders.find([orders.sale_key("pay-1")])[orders.sale_key("pay-1")]
    assert standing.order.net_minor == 4_000


def write_buyer(member_id: str, buyer_id: str) -> None:
    write = Transaction()
    members.link_identity(write, member_id, identities.buyer("shop", buyer_id), "receipt", NOW)
    members.name_identities(write, member_id, [identities.buyer("shop", buyer_id)])
    write.commit()
