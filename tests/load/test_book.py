"""The driver's arithmetic, on books small enough to count by hand."""

from __future__ import annotations

from typing import Any

from tests.load.book import Book, Expected


def book() -> Book:
    """Bob was brought by ann and bought twice, the second time known by his buyer's number only."""
    found = Book()
    found.note("joined", member="ann", openid="o1", referrer=None, refused=None)
    found.note("joined", member="bob", openid="o2", referrer="ann", refused=None)
    found.note("claimed", member="bob", receipt="r1")
    pay(found, "1", 19_999, receipt="r1", buyer="b")
    pay(found, "2", 999, buyer="b")
    return found


def pay(to: Book, order: str, minor: int, source: str = "shop", **more: Any) -> None:
    names = ("receipt", "buyer", "payment", "openid")
    fields = {name: more.get(name) for name in names}
    to.note("paid", source=source, order=order, minor=minor, **fields)


def refund(to: Book, order: str, minor: int, name: str = "x") -> None:
    to.note("refunded", source="shop", order=order, refund=name, minor=minor)


def test_a_buyer_known_by_a_receipt_has_the_orders_without_one() -> None:
    state = Expected(book()).state()
    assert state["order shop#2"] == [999, {}, False, "bob"]
    assert state["net bob"] == [2, 20_998]
    assert state["net ann"] == [0, 0]


def test_credit_is_a_share_of_what_was_kept_and_small_orders_earn_nothing() -> None:
    some = book()
    assert Expected(some).state()["credit ann"] == [0, 999, 0]
    refund(some, "1", 9_999)
    assert Expected(some).state()["credit ann"] == [0, 499, 500]
    assert Expected(some).state()["net bob"] == [2, 10_999]


def test_a_refund_counts_once_however_often_it_was_accepted() -> None:
    some = book()
    for _ in range(2):
        refund(some, "1", 9_999)
    assert Expected(some).state()["net bob"] == [2, 10_999]


def test_a_cancelled_order_counts_nothing_whatever_was_given_back_before() -> None:
    some = book()
    refund(some, "1", 9_999)
    some.note("cancelled", source="shop", order="1")
    state = Expected(some).state()
    assert state["net bob"] == [1, 999]
    assert state["credit ann"] == [0, 0, 999]


def test_a_refused_referral_is_bound_and_earns_nothing() -> None:
    some = book()
    some.entries[1]["refused"] = "same_device"
    state = Expected(some).state()
    assert state["referral bob"] == ["ann", "same_device"]
    assert "credit ann" not in state


def test_a_sale_told_by_three_counts_once_and_is_its_payers() -> None:
    some = book()
    for source, more in (("shop", {}), ("tills", {}), ("pay", {"openid": "o2"})):
        pay(some, f"{source}-1", 5_000, source, payment="p1", **more)
    state = Expected(some).state()
    assert state["sale p1"] == [5_000, 5_000, "bob"]
    assert state["net bob"] == [3, 25_998]
    assert state["credit ann"] == [0, 999 + 250, 0]


def test_poison_and_contacts_are_counted() -> None:
    some = Book()
    for reason in ("foreign_currency", "foreign_currency", "from_the_future"):
        some.note("poison", reason=reason)
    some.note("friend", guide="li", contact="wm-1")
    state = Expected(some).state()
    assert state["aside foreign_currency"] == 2
    assert state["aside from_the_future"] == 1
    assert state["friends li"] == 1
