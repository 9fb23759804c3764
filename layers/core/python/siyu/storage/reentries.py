"""Marks that an identity was a member's who was erased: by them somebody is recognised again."""

from collections.abc import Iterable
from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.storage import keys
from siyu.storage.member_items import ReentryItem
from siyu.storage.reading import Found, read
from siyu.storage.transaction import Transaction


def mark(write: Transaction, name: str, since: datetime, now: datetime) -> None:
    """Note that an identity was here once, and since when."""
    item = ReentryItem(*keys.reentry(name), erased_at=to_utc(now), since=to_utc(since))
    write.put("re-entry", item)


def was_here_since(name: str) -> datetime | None:
    """Since when an identity was a member's that was erased, or None if none was."""
    where = keys.reentry(name)
    return since_of(read([where]), [where])


def since_of(found: Found, places: Iterable[keys.Key]) -> datetime | None:
    """The earliest such time of some marks; of one that does not tell, when it was erased."""
    items = [found.get(ReentryItem, place) for place in places]
    known = [filter(None, (item.since, item.erased_at)) for item in items if item is not None]
    return min((instant for one in known for instant in one), default=None)
