"""The summary has the promised keys and the page says the same in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.demo.figures import MemberFigures, MemberState, Outcome, Totals
from infra.demo.page import GROUP_TITLES, STAGE_TITLES, money, render
from infra.demo.plan import make_plan
from infra.demo.proof import Comparison
from infra.demo.reader import read_orders
from infra.demo.report import GROUPS, STAGES, Summary, Timing, summarise, write_summary

BAD_ORDERS = Path(__file__).parents[1] / "data" / "bad_orders.csv"
KEYS = {
    "members",
    "orders",
    "refunds",
    "net_sales_minor",
    "groups",
    "stages",
    "credits",
    "compared_members",
    "differing_members",
    "orders_per_second",
    "read_units",
    "write_units",
}


def summary(comparison: Comparison | None = None) -> Summary:
    orders = read_orders(BAD_ORDERS)
    figures = MemberFigures(1_234_567, 1, 2, 5, 6, 7)
    members = {
        "ana": MemberState(figures, "important_value", "super_user"),
        "ben": MemberState(figures, "general_keep", "repurchase_1"),
        "new": MemberState(MemberFigures(0, 0, None, 0, 0, 0), None, "new"),
    }
    outcome = Outcome(members, Totals(12, 3, 9_999), 4, 0, 2, 1_500.5, 2_500.0, 4.0)
    plan = make_plan(orders.rows, orders.currency)
    return summarise(
        plan, orders.bad, outcome, comparison or Comparison(3, 0, ()), Timing(12.0, 34.56)
    )


def test_the_promised_keys_and_nothing_lost_on_the_way_to_json(tmp_path: Path) -> None:
    path = tmp_path / "build" / "summary.json"
    write_summary(summary(), path)
    read = json.loads(path.read_text(encoding="utf-8"))
    assert read == summary()
    assert not KEYS - set(read)
    assert read["credits"] == {"pending": 10, "released": 12, "reversed": 14}
    assert (tuple(read["groups"]), tuple(read["stages"])) == (GROUPS, STAGES)
    assert read["groups"]["important_value"] == {"members": 1, "net_sales_minor": 1_234_567}
    assert (read["unscored_members"], read["orders_per_second"], read["bad_rows"]) == (1, 3.0, 17)


def test_every_group_and_stage_has_its_two_names() -> None:
    assert tuple(GROUP_TITLES) == GROUPS
    assert tuple(STAGE_TITLES) == STAGES


def test_the_page_shows_members_shares_and_money() -> None:
    lines = render(summary()).splitlines()
    row = next(line for line in lines if "重要价值" in line)
    assert row.split()[-5:] == ["1", "33.3", "%", "CNY", "12,345.67"]
    assert "Not scored" in "\n".join(lines)
    assert "line 4: no kind" in "\n".join(lines)


def test_columns_line_up_although_chinese_is_twice_as_wide() -> None:
    text = render(summary())
    rows = [line for line in text.splitlines() if any(name in line for name in "值展持留")]
    widths = {len(line) + sum("\u4e00" <= sign <= "\u9fff" for sign in line) for line in rows}
    assert len(widths) == 1


def test_differences_are_told() -> None:
    text = render(summary(Comparison(3, 1, ("customer ana: orders is 2, the file says 1",))))
    assert "  customer ana: orders is 2, the file says 1" in text.splitlines()


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (0, "GBP", "GBP 0.00"),
        (-5, "GBP", "-GBP 0.05"),
        (123_456_789_012_345_678_901, "CNY", "CNY 1,234,567,890,123,456,789.01"),
        (1_500, "JPY", "JPY 1,500"),
    ],
)
def test_money_is_exact(minor: int, currency: str, text: str) -> None:
    assert money(minor, currency) == text
