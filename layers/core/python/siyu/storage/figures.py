"""Members' purchase figures: the packed aggregate the order path keeps and the night reads."""

from dataclasses import dataclass, replace
from datetime import date

from siyu.domain.figures import Figures
from siyu.domain.segments import Measure
from siyu.storage import keys
from siyu.storage.items import AggregateItem
from siyu.storage.reading import read
from siyu.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A member's figures as stored; `label` is `stage|group` of the last night, or None."""

    member_id: str
    figures: Figures
    joined_day: int
    label: str | None = None
    version: int = 0

    @property
    def measure(self) -> Measure:
        """The numbers segmentation needs."""
        last = self.figures.last_day
        return Measure(
            last.toordinal() if last else None,
            self.figures.orders,
            self.figures.net_minor,
            self.joined_day,
        )


def get_many(member_ids: set[str]) -> dict[str, Aggregate]:
    """The aggregates of some members, in one round trip per 100."""
    where = {member_id: keys.aggregate(member_id) for member_id in member_ids}
    found = read(where.values())
    items = {member_id: found.get(AggregateItem, key) for member_id, key in where.items()}
    return {member_id: to_aggregate(item) for member_id, item in items.items() if item is not None}


def put_new(write: Transaction, member_id: str, joined: date) -> None:
    """The empty aggregate of a new member."""
    put(write, Aggregate(member_id, Figures(), joined.toordinal()), Figures())


def put(write: Transaction, before: Aggregate, figures: Figures) -> None:
    """Write figures over the aggregate they were computed from; the label stays.

    The night writes labels without a new version, so the label too must be the one that was read.
    """
    after = replace(before, figures=figures, version=before.version + 1)
    item = AggregateItem(
        *keys.aggregate(after.member_id),
        z=after.measure.pack(),
        b=figures.pack(),
        lb=after.label,
        version=after.version,
    )
    label = AggregateItem.lb
    unchanged = label == before.label if before.label else label.does_not_exist()
    write.replace("figures", item, also=unchanged)


def to_aggregate(item: AggregateItem) -> Aggregate:
    joined_day = Measure.unpack(item.z).joined_day
    return Aggregate(item.SK, Figures.unpack(item.b), joined_day, item.lb, int(item.version))
