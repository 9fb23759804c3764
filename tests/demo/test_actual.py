"""The table's items give the same figures as the product means by them."""

from __future__ import annotations

from datetime import date
from typing import Any

from infra.demo.actual import member_states, read_table
from infra.demo.figures import MemberFigures, Totals
from siyu.domain import segments

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
    item("PROFILE", PK="M#3", member_id="3"),
    item(
        "AGGREGATE",
        SK="1",
        z=f"1|7||738000|A1B|738500|739000|{date(2024, 1, 20).toordinal()}|2|-5",
        lb="all=a0A,1,---,n;default=d7P,738900,c7P,o",
    ),
    item("AGGREGATE", SK="2", z="2|1||738000|A1B|0|0|0|0|0", lb="default=b0I,738900,---,n"),
    item("AGGREGATE", SK="3", z="3|1||738000|A1B|0|0|0|0|0", lb="-"),
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
    assert (states["ana"].group, states["ana"].stage) == ("general_keep", "repurchase_1")
    assert states["member 2"].figures == MemberFigures(0, 0, None, 0, 0, 0)
    assert (states["member 2"].group, states["member 2"].stage) == (None, "new")
    assert (states["member 3"].group, states["member 3"].stage) == (None, None)


PROFILE, AGGREGATE = ITEMS[0], ITEMS[3]


def test_letters_and_digits_of_a_label_mean_what_the_product_means_by_them() -> None:
    for stage in segments.STAGES:
        for group in (None, *segments.GROUPS.values()):
            code = segments.Label(stage, "aware", group).code
            table = read_table([PROFILE, {**AGGREGATE, "lb": {"S": f"default={code},1,---,n"}}])
            state = member_states(table, {}, AS_OF)["member 1"]
            assert (state.group, state.stage) == (group, stage)


def test_totals_leave_a_waiting_refund_out_of_the_amount() -> None:
    table = read_table(ITEMS)
    assert table.totals() == Totals(orders=2, refunds=4, net_minor=100 - 120 + 50 - 15)
    assert (table.unclaimed_orders, table.quarantined) == (1, 1)
