"""The figures are those of the product: of its folds for any rows, of the SQL proof for a year."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.demo.figures import LOCAL_TIME, Programme, business_day
from infra.demo.plan import Receipt, Scan
from infra.demo.proof import recompute
from infra.demo.reader import read_orders
from infra.demo.rows import Row
from infra.segment.folding import Customers, fold, last_day
from infra.segment.reading import read_book
from siyu.domain.figures import Figures
from siyu.domain.order_facts import Paid, Refunded
from siyu.domain.orders import Order, standalone_order_id
from siyu.domain.published import measure_of
from siyu.domain.schemes import WINDOWS, Scheme
from siyu.domain.segments import Measure
from tests.segment.shop import REAL_ORDERS, SAMPLE, read, write

BEGIN = datetime(2026, 1, 1, tzinfo=LOCAL_TIME)
people = st.sampled_from(["ann", "bob", "cat", ""])
minutes = st.integers(0, 500 * 24 * 60)
amounts = st.integers(1, 300)
orders = st.tuples(st.just("order"), st.just(0), people, minutes, amounts)
refunds = st.tuples(st.just("refund"), st.integers(0, 9), people, minutes, amounts)
histories = st.lists(orders | refunds, min_size=1, max_size=25)


def lines_of(history: Sequence[tuple[str, int, str, int, int]]) -> list[str]:
    """Refunds may name an order, another refund, nothing, or what is not there."""
    lines = []
    for at, (kind, of, who, minute, amount) in enumerate(history):
        when = f"{BEGIN + timedelta(minutes=minute):%Y-%m-%d %H:%M}"
        target = f"i{of}" if of and of != at else ""
        lines.append(f"i{at},{kind},{target},{who},{when},{amount}")
    return lines


def folded_by_the_product(rows: Sequence[Row]) -> dict[str, tuple[Figures, int]]:
    """Figures by customer and the day of the first order, fact by fact."""
    known: dict[str, Order] = {}
    buyers = {row.invoice: row.customer_id for row in rows}
    for row in rows:
        order_id = row.refund_of or row.invoice
        fact: Paid | Refunded = Paid(row.amount_minor, row.placed_at)
        if row.kind == "refund":
            fact = Refunded(row.invoice, row.amount_minor, row.placed_at)
            order_id = row.refund_of or standalone_order_id(row.invoice)
            buyers.setdefault(order_id, row.customer_id)
        known[order_id] = known.get(order_id, Order("shop", order_id)).apply(fact)
    found: dict[str, tuple[Figures, int]] = {}
    for order_id, order in known.items():
        if (part := order.contribution) and (who := buyers[order_id]):
            figures, first = found.get(who, (Figures(), 10**9))
            first = first if order.standalone else min(first, part.day.toordinal())
            found[who] = figures.exchange(None, part), first
    return found


def measures(customers: Customers) -> dict[str, Measure]:
    return {
        name: Measure(last or None, orders, net, ever, joined)
        for name, last, orders, net, ever, joined in zip(
            customers.ids,
            customers.last_days,
            customers.orders,
            customers.net,
            customers.orders_ever,
            customers.joined_days,
            strict=True,
        )
    }


@given(histories, st.integers(0, 510), st.sampled_from([None, *WINDOWS]))
def test_any_rows_come_to_what_the_product_makes_of_them(
    history: list[tuple[str, int, str, int, int]], days: int, window: int | None
) -> None:
    as_of = (BEGIN + timedelta(days=days)).date()
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), *lines_of(history))
        rows, book = read_orders(path).rows, read_book(path, None)
    scheme = Scheme("any", window_days=window)
    expected = {
        name: measure_of(figures, first, scheme, as_of)
        for name, (figures, first) in folded_by_the_product(rows).items()
        if first <= as_of.toordinal()
    }
    found = fold(book, as_of.toordinal(), window)
    assert measures(found.customers) == expected
    assert found.customers.ids == sorted(expected)


@pytest.mark.parametrize("path", [SAMPLE, REAL_ORDERS], ids=["sample", "real year"])
def test_a_file_comes_to_what_sql_makes_of_it(path: Path) -> None:
    orders = read_orders(path)
    first: dict[str, Row] = {}
    for row in orders.rows:
        if row.kind == "order" and row.customer_id:
            before = first.setdefault(row.customer_id, row)
            first[row.customer_id] = min(before, row, key=lambda one: one.placed_at)
    scans = [Scan(row.placed_at, name, Receipt("A1B", 1, row), None) for name, row in first.items()]
    proof = recompute(orders, scans, Programme())
    today = proof.as_of.toordinal()
    found = fold(read_book(path, None), today, None)
    assert measures(found.customers) == {
        name: Measure(
            None if one.recency_days is None else today - one.recency_days,
            one.orders,
            one.net_minor,
            one.orders,
            business_day(first[name].placed_at).toordinal(),
        )
        for name, one in proof.members.items()
    }
    assert (found.orders, found.net_minor) == (proof.totals.orders, proof.totals.net_minor)
    assert found.refunds + len(found.orphans) == proof.totals.refunds


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    lines = (
        "1,order,,ann,2026-03-01 09:00,100",
        "2,order,,,2026-03-01 10:00,50",
        "3,refund,,dan,2026-03-01 11:00,7",
        "4,refund,99,ann,2026-03-01 12:00,7",
        "5,refund,3,ann,2026-03-01 12:00,7",
        "6,order,,bob,2026-03-05 09:00,100",
        "7,refund,6,,2026-03-06 09:00,10",
        "8,refund,,ann,2026-03-07 09:00,10",
        "9,refund,1,,2026-03-08 09:00,30",
    )
    book = read(tmp_path, *lines)
    found = fold(book, date(2026, 3, 1).toordinal(), None)
    assert found.customers.ids == ["ann"]
    assert list(found.customers.net) == [70]
    assert (found.orders, found.without_customer, found.only_refunds) == (2, 1, 1)
    assert (found.refunds, found.later, found.net_minor) == (2, 3, 113)
    assert [line for line, _ in found.orphans] == [5, 6]
    assert date.fromordinal(last_day(book)) == date(2026, 3, 8)


def test_a_window_begins_after_its_first_day(tmp_path: Path) -> None:
    lines = (
        "1,order,,ann,2026-01-30,100",
        "2,refund,,ann,2026-01-30,10",
        "3,order,,ann,2026-01-31,200",
        "4,refund,,ann,2026-01-31,20",
    )
    found = fold(read(tmp_path, *lines), date(2026, 3, 1).toordinal(), 30).customers
    assert (list(found.orders), list(found.net), list(found.orders_ever)) == ([1], [180], [2])


def test_any_order_of_the_rows_comes_to_the_same(tmp_path: Path) -> None:
    header, *lines = SAMPLE.read_text().splitlines()
    today = date(2011, 12, 10).toordinal()
    found = []
    for seed in range(4):
        Random(seed).shuffle(lines)
        book = read(tmp_path, *lines, *lines[: seed * 9], header=header)
        assert book.repeated == seed * 9
        found.append(measures(fold(book, today, 365).customers))
    assert all(one == found[0] for one in found)
