"""Members' purchase figures: the packed aggregate the order path keeps and the night reads.

The aggregate of an account holds its own figures and those of all accounts merged into it. So an
order counts in its account and in every account above it, which are none for almost everybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from siyu.domain.figures import Figures
from siyu.domain.label_book import LabelBook
from siyu.domain.orders import Contribution
from siyu.domain.published import Published
from siyu.storage import columns, keys, schemes
from siyu.storage.items import AggregateItem
from siyu.storage.reading import read
from siyu.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A member's figures as stored, with the store that brought them and their labels; `up` is the
    account this one was merged into; `gone` that it was erased, `out` that it refused profiling.
    `published` is what the last night published when this was read."""

    member_id: str
    figures: Figures
    joined_day: int
    store: str
    book: LabelBook = field(default_factory=LabelBook)
    up: str | None = None
    gone: bool = False
    out: bool = False
    version: int = 0
    published: Published | None = field(default=None, compare=False, repr=False)

    @property
    def counted(self) -> bool:
        """Whether the night counts and labels the account."""
        return not (self.up or self.gone or self.out)

    @property
    def labels(self) -> LabelBook:
        """The labels that the figures have by what was published; none for who is not counted."""
        if not self.counted:
            return LabelBook()
        if self.published is None:
            return self.book
        return self.published.relabel(self.book, self.figures, self.joined_day, self.store)


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


Exchange = tuple[Lineage, Contribution | None, Contribution | None]
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


def put_new(
    write: Transaction, member_id: str, joined: date, store: str, *, out: bool = False
) -> None:
    """The empty aggregate of a new member."""
    before = Aggregate(member_id, Figures(), joined.toordinal(), store, out=out)
    put(write, before, before)


def put(write: Transaction, before: Aggregate, after: Aggregate, stands: str | None = None) -> None:
    """Write an aggregate over the one it was computed from, labelled by what was published.

    The night writes labels without a new version, so the label too must be the one that was read:
    the text that `stands`, should it be another than that of `before`.
    """
    item = AggregateItem(
        *keys.aggregate(after.member_id),
        z=row_of(after, before.version + 1),
        b=after.figures.pack(),
        lb=after.labels.pack(),
        up=after.up,
        gone=after.gone or None,
        out=after.out or None,
        version=before.version + 1,
    )
    write.replace("figures", item, also=AggregateItem.lb == (stands or before.book.pack()))


def row_of(one: Aggregate, version: int) -> str:
    """What the night reads of an aggregate at a version."""
    return columns.pack(
        one.member_id,
        one.figures,
        version=version,
        counted=one.counted,
        joined_day=one.joined_day,
        store=one.store,
    )


def to_aggregate(item: AggregateItem, published: Published | None = None) -> Aggregate:
    joined_day, store = columns.origin(item.z)
    return Aggregate(
        item.SK,
        Figures.unpack(item.b),
        joined_day,
        store,
        LabelBook.unpack(item.lb),
        item.up,
        bool(item.gone),
        bool(item.out),
        int(item.version),
        published,
    )


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
