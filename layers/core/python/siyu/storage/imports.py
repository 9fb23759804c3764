"""How far the day files of tills are on their way to the orders queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute

from siyu.storage import keys
from siyu.storage.items import Item
from siyu.storage.reading import read

RUNNING, DONE = "running", "done"
# As long as the bucket keeps the file. Nothing decides by it: without its mark a file begins anew.
KEPT = timedelta(days=90)


class ImportItem(Item, discriminator="IMPORT"):
    """All records that begin in the first `lines_done` lines were looked at, the good ones sent."""

    source = UnicodeAttribute()
    state = UnicodeAttribute()
    received_at = UTCDateTimeAttribute()
    lines_done = NumberAttribute()
    good = NumberAttribute()
    bad = NumberAttribute()
    ttl = NumberAttribute()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where an import stands; `received_at` is when it began (aware)."""

    received_at: datetime
    state: str = RUNNING
    lines_done: int = 0
    good: int = 0
    bad: int = 0


def find(import_id: str) -> Checkpoint | None:
    """Where an import stands, strongly consistent; None if it never got that far."""
    key = keys.order_import(import_id)
    item = read([key]).get(ImportItem, key)
    if item is None:
        return None
    counts = (int(item.lines_done), int(item.good), int(item.bad))
    return Checkpoint(item.received_at, item.state, *counts)


def keep(import_id: str, source: str, at: Checkpoint) -> None:
    """Mark where an import stands.

    Whoever marks a line has sent all before it, or found it marked. So two runs of one import may
    overwrite each other's marks: the worst is that lines are sent again.
    """
    ImportItem(
        *keys.order_import(import_id),
        source=source,
        state=at.state,
        received_at=at.received_at,
        lines_done=at.lines_done,
        good=at.good,
        bad=at.bad,
        ttl=int((at.received_at + KEPT).timestamp()),
    ).save()
