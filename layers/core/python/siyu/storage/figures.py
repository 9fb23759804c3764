"""Members' purchase figures: the packed aggregate the order path keeps and the night reads.

The aggregate of an account holds its own figures and those of all accounts merged into it. So an
order counts in its account and in every account above it, which are none for almost everybody.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from siyu.domain.figures import Figures
from siyu.storage import keys, schemes
from siyu.storage.aggregates import Aggregate, put, to_aggregate
from siyu.storage.items import AggregateItem
from siyu.storage.reading import read
from siyu.storage.transaction import Transaction

if TYPE_CHECKING:
    # Only named here: whoever has one has loaded it, and a start is spared it.
    from siyu.domain.orders import Contribution


Lineage = tuple[Aggregate, ...]
"""The aggregate of an account, followed by those above it, the person's own last."""


def get_many(member_ids: set[str]) -> dict[str, Lineage]:
    """The lineages of some accounts: one round trip per 100, one more where accounts are merged."""
    known: dict[str, Aggregate] = {}
    wanted = set(member_ids)
    while wanted:
        found = _read(wanted)
        known |= found
        wanted = {one.up for one in found.values() if one.up is not None} - known.keys()
    return {member_id: _lineage(known, member_id) for member_id in member_ids & known.keys()}


def above(aggregate: Aggregate) -> Lineage:
    """The lineage of an aggregate that was read already."""
    if aggregate.up is None:
        return (aggregate,)
    return (aggregate, *get_many({aggregate.up})[aggregate.up])


Exchange: TypeAlias = "tuple[Lineage, Contribution | None, Contribution | None]"
"""An account's lineage, what an order contributed to it, and what it contributes from here on."""


def exchange(write: Transaction, exchanges: Iterable[Exchange]) -> None:
    """Take old contributions of orders out and put new ones in, all the way up.

    Every account named is written, also for nothing: whoever read it has to read it again. Raises
    LookupError for somebody without figures.
    """
    before: dict[str, Aggregate] = {}
    totals: dict[str, Figures] = {}
    for lineage, old, new in exchanges:
        if not lineage:
            raise LookupError("the order's member has no aggregate")
        for one in lineage:
            before[one.member_id] = one
            totals[one.member_id] = totals.get(one.member_id, one.figures).exchange(old, new)
    for member_id, total in totals.items():
        put(write, before[member_id], replace(before[member_id], figures=total))


def _read(member_ids: set[str]) -> dict[str, Aggregate]:
    where = {member_id: keys.aggregate(member_id) for member_id in member_ids}
    found = read([*where.values(), keys.PUBLISHED])
    items = {member_id: found.get(AggregateItem, key) for member_id, key in where.items()}
    board = schemes.published(found)
    return {
        member_id: to_aggregate(item, board)
        for member_id, item in items.items()
        if item is not None
    }


def _lineage(known: dict[str, Aggregate], member_id: str) -> Lineage:
    line = [known[member_id]]
    while line[-1].up is not None:
        line.append(known[line[-1].up])
    return tuple(line)
