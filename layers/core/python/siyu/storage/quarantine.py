"""Accepted messages that could have no effect: sealed, counted, found by time, and resolved once.

A message's id is its queue's, so the same id is the same message, however often it is delivered.
"""

import heapq
from collections.abc import Iterator, Sequence

from pynamodb.attributes import (
    BinaryAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from siyu.domain.calendar import business_date, to_utc
from siyu.domain.quarantine import DISCARDED, KEPT, OPEN_FOR, Aside, Name, Resolution
from siyu.errors import UnprocessableEventError
from siyu.storage import keys
from siyu.storage.conditions import condition_failed
from siyu.storage.items import Gsi1, Item
from siyu.storage.reading import read

# Messages are large: a list should not read many that it does not show.
PAGE = 25


class QuarantineItem(Item, discriminator="QUARANTINE"):
    """A message that was set aside, sealed; in the first index until somebody resolved it."""

    source = UnicodeAttribute()
    reason = UnicodeAttribute()
    detail = UnicodeAttribute()
    sealed = BinaryAttribute(legacy_encoding=False)
    received_at = UTCDateTimeAttribute()
    attempts = NumberAttribute()
    resolved_at = UTCDateTimeAttribute(null=True)
    resolved_by = UnicodeAttribute(null=True)
    resolved_because = UnicodeAttribute(null=True)
    outcome = UnicodeAttribute(null=True)
    ttl = NumberAttribute(null=True)


def keep(name: Name, sealed: bytes, error: UnprocessableEventError, source: str) -> None:
    """Store a message with the reason; one that waits already is counted, a resolved one stays.

    Whoever resolved it had this very message before them; what fails late is a delivery of the same
    that was under way, and no news.
    """
    item = QuarantineItem(
        *_key(name),
        source=source,
        reason=error.reason,
        detail=_plain(error.detail),
        sealed=sealed,
        received_at=name.received_at,
        attempts=1,
        ttl=int((name.received_at + OPEN_FOR).timestamp()),
    )
    item.GSI1PK, item.GSI1SK = _waiting(name)
    try:
        item.save(Item.PK.does_not_exist())
    except PutError as failure:
        if not condition_failed(failure):
            raise
        fail_again(name, error)


def fail_again(name: Name, error: UnprocessableEventError) -> bool:
    """Note that a message failed once more; False if somebody resolved it meanwhile."""
    actions = [
        QuarantineItem.reason.set(error.reason),
        QuarantineItem.detail.set(_plain(error.detail)),
        QuarantineItem.attempts.add(1),
    ]
    return _update(name, actions, QuarantineItem.resolved_at.does_not_exist())


def resolve(name: Name, resolution: Resolution) -> bool:
    """Take a message off the list; False if somebody was first.

    What had its effect says so even over a discard that came between effect and note.
    """
    holds: Condition = QuarantineItem.resolved_at.does_not_exist()
    if resolution.outcome != DISCARDED:
        holds |= QuarantineItem.outcome == DISCARDED
    because = QuarantineItem.resolved_because
    actions = [
        QuarantineItem.resolved_at.set(to_utc(resolution.at)),
        QuarantineItem.resolved_by.set(resolution.by),
        QuarantineItem.outcome.set(resolution.outcome),
        QuarantineItem.ttl.set(int((resolution.at + KEPT).timestamp())),
        because.set(resolution.because) if resolution.because else because.remove(),
        QuarantineItem.GSI1PK.remove(),
        QuarantineItem.GSI1SK.remove(),
    ]
    return _update(name, actions, holds)


def find(name: Name) -> Aside | None:
    """One message, as it stands."""
    item = read([_key(name)]).get(QuarantineItem, _key(name))
    return _aside(item) if item else None


def waiting(after: Name | None, wanted: int | None) -> Iterator[Aside]:
    """The messages that nobody resolved, oldest first, from behind `after` on (eventual).

    Shards are read a page at a time, and only as far as somebody looks; `wanted` is how many that
    may be.
    """
    page = PAGE if wanted is None else min(PAGE, wanted // keys.QUARANTINE_SHARDS + 1)
    where = Gsi1.GSI1SK
    beyond = where > _waiting(after).sk if after else None
    shards = [
        Item.gsi1.query(keys.open_quarantine_pk(number), beyond, page_size=page)
        for number in range(keys.QUARANTINE_SHARDS)
    ]
    for item in heapq.merge(*shards, key=lambda one: one.SK):
        if isinstance(item, QuarantineItem):
            yield _aside(item)


def _plain(detail: str) -> str:
    """In ASCII: the table takes no lone surrogates, and they may come from a sender."""
    return detail.encode("ascii", "backslashreplace").decode()


def _key(name: Name) -> keys.Key:
    at = name.received_at
    return keys.quarantine(business_date(at), at.isoformat(), name.message_id)


def _waiting(name: Name) -> keys.Key:
    return keys.open_quarantine(name.received_at.isoformat(), name.message_id)


def _update(name: Name, actions: Sequence[Action], holds: Condition) -> bool:
    try:
        QuarantineItem(*_key(name)).update(list(actions), QuarantineItem.PK.exists() & holds)
    except UpdateError as failure:
        if not condition_failed(failure):
            raise
        return False
    return True


def _aside(item: QuarantineItem) -> Aside:
    resolution = None
    if item.resolved_at is not None:
        resolution = Resolution(
            item.outcome, item.resolved_by, item.resolved_at, item.resolved_because
        )
    return Aside(
        Name.of(keys.quarantined_message(item.SK), item.received_at),
        item.source,
        item.reason,
        item.detail,
        int(item.attempts),
        item.sealed,
        resolution,
    )
