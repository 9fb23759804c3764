"""A member's aggregate: the item of their purchase figures, and how it is written.

Who only reads or writes one needs nothing of what a night publishes; `figures` looks that up too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from siyu.domain.figures import Figures
from siyu.domain.label_book import LabelBook
from siyu.storage import columns, keys
from siyu.storage.items import AggregateItem
from siyu.storage.reading import read
from siyu.storage.transaction import Transaction

if TYPE_CHECKING:
    # Only named here: whoever has one has loaded it, and a start is spared it.
    from siyu.domain.published import Published


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
    published: "Published | None" = field(default=None, compare=False, repr=False)

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


def get_many(member_ids: Iterable[str]) -> dict[str, Aggregate]:
    """The aggregates of some accounts, without what was published: one round trip per 100."""
    where = {member_id: keys.aggregate(member_id) for member_id in member_ids}
    found = read(where.values())
    items = {member_id: found.get(AggregateItem, key) for member_id, key in where.items()}
    return {member_id: to_aggregate(item) for member_id, item in items.items() if item is not None}


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


def to_aggregate(item: AggregateItem, published: "Published | None" = None) -> Aggregate:
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
