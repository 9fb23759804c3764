"""All figures of a run add up: to members.csv, and to the rows of the file."""

from __future__ import annotations

import csv
import re
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.demo.reader import read_orders
from infra.segment.files import member_lines
from infra.segment.folding import fold
from infra.segment.report import page
from infra.segment.result import Result
from siyu.domain.schemes import DEFAULT, WINDOWS, Scheme
from tests.segment.shop import SAMPLE, result_of, write
from tests.segment.test_folding import BEGIN, histories, lines_of

AS_OF = date(2026, 12, 31)
QUARTER = Scheme("quarter", window_days=90)
LINES = (
    "1,order,,ann,2026-01-01,1000",
    "2,order,,ann,2026-12-01,20000",
    "3,order,,bob,2026-12-02,300",
    "4,refund,3,bob,2026-12-03,300",
    "5,order,,,2026-12-04,4000",
    "6,order,,,2026-12-04,50",
    "7,refund,6,,2026-12-05,50",
    "8,refund,,,2026-12-06,6",
    "9,refund,,cat,2026-12-07,7",
    "10,order,,ann,2027-01-01,80000",
    "11,refund,,ann,2027-01-02,9",
)


def tiles(html: str) -> list[tuple[str, str]]:
    """The numbers and their English names."""
    listed = re.search(r'<ul class="tiles">(.*?)</ul>', html)
    assert listed
    found = re.finditer(r'<b>(.*?)</b><span class="en">(.*?)</span>', listed[1])
    return [(one[1], one[2]) for one in found]


def sums_of_list(result: Result) -> tuple[int, int]:
    """Orders and net sales of members.csv."""
    rows = list(csv.reader(member_lines(result.scored, result.money)))
    return sum(int(row[2]) for row in rows), sum(int(row[3].replace(".", "")) for row in rows)


@given(
    histories.filter(lambda some: any(one[0] == "order" and one[2] for one in some)),
    st.sampled_from([None, *WINDOWS]),
    st.booleans(),
)
def test_any_rows_are_somebodys_sales_or_nobodys(
    history: list[tuple[str, int, str, int, int]], window: int | None, late: bool
) -> None:
    first = min(one[3] for one in history if one[0] == "order" and one[2])
    as_of = (
        AS_OF.replace(year=2028) if late else date.fromordinal(BEGIN.toordinal() + first // 1440)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), *lines_of(history))
        result, rows = result_of(path, as_of, Scheme("any", window_days=window)), read_orders(path)
    assert result.sales["members"] == sums_of_list(result)
    left_out = {line for line, _ in result.bad}
    used = [row for row in rows.rows if row.line not in left_out]
    assert sum(one.net_minor for one in result.sales.values()) == sum(
        row.amount_minor if row.kind == "order" else -row.amount_minor for row in used
    )
    counted = sum(one.orders for one in result.sales.values()) + result.folded.given_back
    assert counted == sum(row.kind == "order" for row in used)
    ever = fold(result.book, as_of.toordinal(), None).customers
    assert result.sales["before_window"] == (
        sum(ever.orders) - result.sales["members"].orders,
        sum(ever.net) - result.sales["members"].net_minor,
    )


def test_each_part_is_told_with_its_amount(tmp_path: Path) -> None:
    result = result_of(write(tmp_path, *LINES), AS_OF, QUARTER)
    assert result.sales == {
        "members": (1, 20_000),
        "before_window": (1, 1_000),
        "without_customer": (1, 4_000),
        "nameless_refunds": (0, -6),
        "refunds_only": (0, -7),
        "after_the_day": (1, 79_991),
    }
    html = page(result)
    text = re.sub("<[^>]*>", "|", html)
    told = [
        ("Customers in members.csv in 90 days", "1", "200.00"),
        ("The same customers before", "1", "10.00"),
        ("Orders without a customer", "1", "40.00"),
        ("Refunds without order and customer (1)", "0", "-0.06"),
        ("Customers with refunds only (1)", "0", "-0.07"),
        ("After the day", "1", "799.91"),
        ("Given back whole", "2", "–"),
        ("All rows that count", "6", "1,049.78"),
    ]
    for name, orders, net in told:
        assert re.search(rf"\|{re.escape(name)}\|[^0-9–-]*[^|]*\|+{orders}\|+{net}\|", text), name


def test_the_first_figures_are_those_of_the_list(tmp_path: Path) -> None:
    assert tiles(page(result_of(write(tmp_path, *LINES), AS_OF, QUARTER))) == [
        ("2", "Customers"),
        ("1", "Orders in 90 days"),
        ("200", "Net sales in 90 days, CNY"),
        ("100", "Net sales a customer in 90 days"),
        ("0.0 %", "Bought again in 90 days"),
    ]


def test_without_a_window_none_is_named(tmp_path: Path) -> None:
    html = page(result_of(write(tmp_path, *LINES), AS_OF))
    assert tiles(html)[1:3] == [("2", "Orders"), ("210", "Net sales, CNY")]
    assert tiles(html)[4] == ("50.0 %", "Bought again")
    assert "The same customers before" not in html


@pytest.mark.parametrize("scheme", [DEFAULT, QUARTER], ids=["all time", "90 days"])
def test_the_sample_adds_up(scheme: Scheme) -> None:
    result = result_of(SAMPLE, date(2011, 12, 10), scheme)
    orders, net = sums_of_list(result)
    shown = {name: number for number, name in tiles(page(result))}
    window = "" if scheme is DEFAULT else " in 90 days"
    assert shown[f"Orders{window}"] == f"{orders:,}"
    assert shown[f"Net sales{window}, GBP"] == result.money.whole(net)
    assert result.sales["without_customer"].net_minor > 0
