"""The table's items give the same figures as the product means by them."""

from __future__ import annotations

from datetime import date
from typing import Any

from infra.demo.actual import member_states, read_table
from infra.demo.figures import MemberFigures, Totals

AS_OF = date(2024, 1, 23)


def item(kind: str, **values: str | int) -> dict[str, Any]:
    plain = {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in values.items()
    }
    return {"kind": {"S": kind}, **plain}


ITEMS = [
    item("PROFILE", PK="M#1", member_id="1"),
    item("PROFILE", PK="M#2", member_id="2"),
    item(
        "AGGREGATE", SK="1", z=f"{date(2024, 1, 20).toordinal()}|2|-5|1", lb="repeat|general_keep"
    ),
    item("AGGREGATE", SK="2", z="0|0|0|7", lb="new|"),
    item("BALANCE", PK="L#1#0", pending_minor=10, released_minor=1, reversed_minor=3),
    item("BALANCE", PK="L#1#3", pending_minor=5, released_minor=0, reversed_minor=4),
    item("ORDER", order_key="s#A", paid_minor=100, refunds='{"R": 30, "Q": 90}', member_id="1"),
    item("ORDER", order_key="s#B", paid_minor=50),
    item("ORDER", order_key="s#unknown", refunds='{"W": 7}'),
    item("ORDER", order_key="s#~refund:S", refunds='{"S": 15}'),
    item("QUARANTINE", PK="Q#1"),
    item("FACT", PK="O#s#A"),
]


def test_figures_come_from_the_aggregate_and_all_shards_of_the_balance() -> None:
    states = member_states(read_table(ITEMS), {"1": "ana"}, AS_OF)
    assert states["ana"].figures == MemberFigures(-5, 2, 3, 15, 1, 7)
    assert (states["ana"].group, states["ana"].stage) == ("general_keep", "repeat")
    assert states["member 2"].figures == MemberFigures(0, 0, None, 0, 0, 0)
    assert (states["member 2"].group, states["member 2"].stage) == (None, "new")


def test_totals_leave_a_waiting_refund_out_of_the_amount() -> None:
    table = read_table(ITEMS)
    assert table.totals() == Totals(orders=2, refunds=4, net_minor=100 - 120 + 50 - 15)
    assert (table.unclaimed_orders, table.quarantined) == (1, 1)
