"""What SQL says of the members' credits: computed from the file alone, by nothing of the product.

Pending, released and taken back of every referrer, as of the night after the last row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from infra.demo.figures import Programme
from infra.demo.plan import Receipt, Scan
from infra.demo.proof import recompute
from infra.demo.reader import read_orders
from tests.replay.year import FILE

Credit = tuple[int, int, int]


def credits_by_sql(
    limit: int | None, joins: Mapping[str, tuple[datetime, str | None]]
) -> tuple[str, dict[str, Credit]]:
    """The night's day and each member's (pending, released, reversed), by customer id; `joins` says
    when each of them joined, and who brought them."""
    orders = read_orders(FILE, limit=limit)
    receipt = Receipt("000", 1, orders.rows[0])
    scans = [Scan(at, name, receipt, referrer) for name, (at, referrer) in joins.items()]
    expected = recompute(orders, scans, Programme())
    members = {
        name: (one.pending, one.released, one.reversed) for name, one in expected.members.items()
    }
    return expected.as_of.isoformat(), members


def credits_in(state: Mapping[str, str], name_of: Mapping[str, str]) -> dict[str, Credit]:
    """The same out of a replayed state; `name_of` leads from a member to their customer id."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, text in state.items():
        if key.startswith("balance "):
            pending, released, _, reversed_ = map(int, text.strip("[]").split(","))
            found = sums[name_of[key.split("#")[1]]]
            for place, amount in enumerate((pending, released, reversed_)):
                found[place] += amount
    return {name: (sums[name][0], sums[name][1], sums[name][2]) for name in name_of.values()}
