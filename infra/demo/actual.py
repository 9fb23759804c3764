"""Reads the product's figures from the items of its table, as DynamoDB's API gives them.

On purpose without the product's own classes: what stands in the table is what is judged.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from infra.demo.figures import MemberFigures, MemberState, Totals

Item = Mapping[str, Any]
STANDALONE_REFUND = "#~refund:"
_LABEL = re.compile(r"(?:^|;)default=(..)")
GROUPS = (
    None,
    "important_value",
    "important_develop",
    "important_keep",
    "important_win_back",
    "general_value",
    "general_develop",
    "general_keep",
    "general_win_back",
)
STAGES = (
    "prospect",
    "new",
    "first_purchase",
    "repurchase_1",
    "repurchase_2",
    "repurchase_3",
    "repurchase_4",
    "repurchase_5_or_more",
    "key_care",
    "super_user",
    "dormant",
    "lost",
)
_CREDITS = ("pending_minor", "released_minor", "reversed_minor")


@dataclass(slots=True)
class Table:
    """Everything the demo looks at, by kind of item; amounts in minor units."""

    aggregates: dict[str, tuple[str, str]] = field(default_factory=dict)
    credits: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    members: set[str] = field(default_factory=set)
    orders: int = 0
    refunds: int = 0
    net_minor: int = 0
    unclaimed_orders: int = 0
    quarantined: int = 0

    def totals(self) -> Totals:
        return Totals(self.orders, self.refunds, self.net_minor)


def read_table(items: Iterable[Item]) -> Table:
    table = Table()
    for item in items:
        match item["kind"]["S"]:
            case "PROFILE":
                table.members.add(item["member_id"]["S"])
            case "AGGREGATE":
                label = item["lb"]["S"]
                table.aggregates[item["SK"]["S"]] = (item["z"]["S"], label)
            case "BALANCE":
                _add_balance(table, item)
            case "ORDER":
                _add_order(table, item)
            case "QUARANTINE":
                table.quarantined += 1
    return table


def member_states(
    table: Table, customers: Mapping[str, str], as_of: date
) -> dict[str, MemberState]:
    """By customer id; `customers` maps member ids to them. A stranger keeps the member id."""
    return {
        customers.get(member_id, f"member {member_id}"): _state(table, member_id, as_of)
        for member_id in sorted(table.members)
    }


def _state(table: Table, member_id: str, as_of: date) -> MemberState:
    packed, labels = table.aggregates[member_id]
    last_day, orders, net_minor = (int(number) for number in packed.split("|")[-3:])
    recency = as_of.toordinal() - last_day if last_day else None
    pending, released, reversed_ = table.credits.get(member_id, [0, 0, 0])
    figures = MemberFigures(net_minor, orders, recency, pending, released, reversed_)
    found = _LABEL.search(labels)
    return MemberState(figures, *(_words(found[1]) if found else (None, None)))


def _words(code: str) -> tuple[str | None, str]:
    """Group and stage behind the first two characters of a label (docs/data-model.md)."""
    return GROUPS[int(code[1])], STAGES["abcdefghijkl".index(code[0])]


def _add_balance(table: Table, item: Item) -> None:
    """A member's balance is spread over several shards: `L#<member>#<shard>`."""
    sums = table.credits[item["PK"]["S"].split("#")[1]]
    for index, name in enumerate(_CREDITS):
        sums[index] += int(item.get(name, {}).get("N", "0"))


def _add_order(table: Table, item: Item) -> None:
    refunds = json.loads(item.get("refunds", {}).get("S") or "{}")
    table.refunds += len(refunds)
    if "N" in item.get("paid_minor", {}):
        table.orders += 1
        table.net_minor += int(item["paid_minor"]["N"]) - sum(refunds.values())
        table.unclaimed_orders += "S" not in item.get("member_id", {})
    elif STANDALONE_REFUND in item["order_key"]["S"]:
        table.net_minor -= sum(refunds.values())
