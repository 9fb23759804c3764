"""The proof itself is checked twice: by hand on a tiny file, by plain loops on the real rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from itertools import product
from pathlib import Path

import pytest

from infra.demo.figures import LOCAL_TIME, MemberFigures, Programme, Totals
from infra.demo.plan import Receipt, Scan, make_plan
from infra.demo.proof import compare, compare_totals, recompute
from infra.demo.reader import OrderFile, read_orders
from tests.demo.oracle import expected_figures

DATA = Path(__file__).parents[1] / "data"
TINY = """invoice,kind,refund_of,customer_id,placed_at,amount_minor
W,refund,Z9,ben,2024-01-01 09:00:00,700
A1,order,,ana,2024-01-01T10:00:00,10000
B1,order,,ben,2024-01-02 23:30,2000
B2,order,,ben,2024-01-02T16:10:00Z,3333
B2r,refund,B2,,2024-01-05 10:00,1111
B3,order,,ben,2024-01-10 10:00,999
B4,order,,ben,2024-01-10 10:00,2000
B4r,refund,B4,ben,2024-01-11 10:00,2500
B5,order,,ben,2024-01-20 00:00:00.5,4000
SR,refund,,ben,2024-01-21 10:00,300
X,order,,,2024-01-21T23:00:00-05:00,5000
"""
JOINED = {
    "ana": (datetime(2024, 1, 1, 10, 9, tzinfo=LOCAL_TIME), None),
    "ben": (datetime(2024, 1, 3, 0, 12, tzinfo=LOCAL_TIME), "ana"),
}


def tiny(folder: Path) -> tuple[OrderFile, list[Scan]]:
    path = folder / "tiny.csv"
    path.write_text(TINY, encoding="utf-8")
    orders = read_orders(path)
    receipt = Receipt("000", 1, orders.rows[1])
    scans = [Scan(at, name, receipt, referrer) for name, (at, referrer) in JOINED.items()]
    return orders, scans


def test_the_tiny_file_by_hand(tmp_path: Path) -> None:
    expected = recompute(*tiny(tmp_path), Programme(500, 1_000, 15))
    # X is placed on 22 January in Shanghai; B2 is already of the 3rd, the day on which ben joined.
    assert expected.as_of == date(2024, 1, 23)
    # Credits: B2 earns 166 and keeps 110 (166 * 2222 // 3333), B4 earns 100 and keeps 0, B5 earns
    # 200; B1 is too early, B3 too small. The 15 days of B2 are over.
    assert expected.members["ana"] == MemberFigures(10_000, 1, 22, 200, 110, 156)
    net = 2_000 + 2_222 + 999 - 500 + 4_000 - 300
    assert expected.members["ben"] == MemberFigures(net, 4, 3, 0, 0, 0)
    assert expected.totals == Totals(orders=7, refunds=4, net_minor=10_000 + net + 5_000)


def test_hold_ends_on_the_day_itself(tmp_path: Path) -> None:
    orders, scans = tiny(tmp_path)
    for hold_days, figures in ((3, (0, 310)), (4, (200, 110)), (21, (310, 0))):
        ana = recompute(orders, scans, Programme(500, 1_000, hold_days)).members["ana"]
        assert (ana.pending, ana.released) == figures


def test_a_member_whose_only_order_went_back_has_no_recency(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    head, *_ = TINY.splitlines()
    path.write_text(
        f"{head}\nA,order,,ana,2024-01-01 10:00,500\nR,refund,A,ana,2024-01-02 10:00,500"
    )
    orders = read_orders(path)
    expected = recompute(orders, make_plan(orders.rows, "CNY").scans, Programme())
    assert expected.members == {"ana": MemberFigures(0, 0, None, 0, 0, 0)}


@pytest.mark.parametrize("name", ["sample_orders.csv", "bad_orders.csv"])
@pytest.mark.parametrize("limit", [None, 40])
def test_sql_and_plain_loops_agree(name: str, limit: int | None) -> None:
    orders = read_orders(DATA / name, limit=limit)
    plan = make_plan(orders.rows, orders.currency)
    expected = recompute(orders, plan.scans, Programme())
    assert expected.members == expected_figures(orders.rows, plan.scans, Programme())
    assert expected.as_of == plan.as_of


def test_both_sides_find_the_same_business_day(tmp_path: Path) -> None:
    clocks = ("00:00", "07:59:59", "08:00", "15:59:59.999999", "16:00", "23:59")
    zones = ("", "Z", "+00:00", "+08:00", "-11:30", "+13:45")
    moments = [
        f"2024-02-28{mark}{clock}{zone}" for mark, clock, zone in product("T ", clocks, zones)
    ]
    lines = [f"{number},order,,c{number},{moment},500" for number, moment in enumerate(moments)]
    path = tmp_path / "o.csv"
    path.write_text("\n".join([TINY.splitlines()[0], *lines]), encoding="utf-8")
    orders = read_orders(path)
    scans = make_plan(orders.rows, "CNY").scans
    members = recompute(orders, scans, Programme()).members
    assert members == expected_figures(orders.rows, scans, Programme())
    assert {figures.recency_days for figures in members.values()} == {1, 2, 3}


def test_differences_are_counted_by_member_and_told_in_words() -> None:
    one = MemberFigures(100, 1, 3, 0, 0, 0)
    expected = {f"c{number}": one for number in range(8)}
    actual = {name: replace(one, net_minor=99, orders=2) for name in list(expected)[:6]}
    result = compare(expected, actual | {"guest": one})
    assert (result.compared, result.differing, len(result.differences)) == (9, 9, 5)
    assert result.differences[0] == (
        "customer c0: net_minor is 99, the file says 100, orders is 2, the file says 1"
    )
    assert not result.agrees
    assert compare({"a": one}, {}).differences == ("customer a: joined but is no member",)
    assert compare({}, {"a": one}).differences == (
        "customer a: a member who never joined in the file",
    )
    assert compare(expected, expected).agrees


def test_totals_are_compared_too() -> None:
    assert compare_totals(Totals(1, 2, 3), Totals(1, 2, 3)) == ()
    assert compare_totals(Totals(1, 2, 3), Totals(1, 2, 4)) == (
        "whole shop: net_minor is 4, the file says 3",
    )
