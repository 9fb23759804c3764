"""The audiences that operators asked for."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.exceptions import DeleteError, PutError, UpdateError

from siyu.domain.asked_audience import (
    DONE,
    FAILED,
    INTERRUPTED,
    RUNNING,
    WAITING,
    Audience,
    Basis,
)
from siyu.domain.calendar import to_utc
from siyu.storage import keys, schemes
from siyu.storage.conditions import condition_failed
from siyu.storage.items import Item
from siyu.storage.reading import read

UNDONE = (WAITING, RUNNING, FAILED)


class AudienceItem(Item, discriminator="AUDIENCE"):
    """A query as it was asked, the scheme and lines it is asked by, and what came of it."""

    audience_id = UnicodeAttribute()
    state = UnicodeAttribute()
    body = JSONAttribute()
    lines = JSONAttribute()
    as_of = UnicodeAttribute()
    asked_by = UnicodeAttribute()
    asked_at = UTCDateTimeAttribute()
    members = NumberAttribute(null=True)
    size = NumberAttribute(null=True)
    problem = UnicodeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    ttl = NumberAttribute()


def find(audience_id: str) -> Audience | None:
    """One of them, strongly consistent: 1 read unit."""
    key = keys.audience(audience_id)
    item = read([key]).get(AudienceItem, key)
    return _to_audience(item) if item else None


def create(one: Audience) -> bool:
    """Keep what was asked for; False if something was asked under this id before."""
    instant = to_utc(one.asked_at).isoformat(timespec="milliseconds")
    item = AudienceItem(
        *keys.audience(one.audience_id),
        audience_id=one.audience_id,
        state=one.state,
        body=dict(one.query),
        lines=[schemes.to_fields(one.basis.scheme), schemes.of_cuts(one.basis.cuts)],
        as_of=one.basis.as_of.isoformat(),
        asked_by=one.asked_by,
        asked_at=one.asked_at,
        ttl=int(one.ends_at.timestamp()),
    )
    item.GSI1PK, item.GSI1SK = keys.audience_asked(instant, one.audience_id)
    try:
        item.save(AudienceItem.PK.does_not_exist())
    except PutError as error:
        if condition_failed(error):
            return False
        raise
    return True


def drop(one: Audience, now: datetime) -> None:
    """Delete what has ended: the table itself takes its time to. What was asked under its id since
    then stays."""
    ended = AudienceItem.ttl <= int(now.timestamp())
    try:
        AudienceItem(*keys.audience(one.audience_id)).delete(ended)
    except DeleteError as error:
        if not condition_failed(error):
            raise


def begin(audience_id: str) -> None:
    """A try begins, which nobody may hear of again. What is done stays done."""
    actions = [
        AudienceItem.state.set(RUNNING),
        AudienceItem.problem.set(INTERRUPTED),
        AudienceItem.attempts.set((AudienceItem.attempts | 0) + 1),
    ]
    _update(audience_id, actions, AudienceItem.state.is_in(*UNDONE))


def finish(audience_id: str, members: int, size: int) -> None:
    """Its file is there. What is gone stays gone."""
    actions = [
        AudienceItem.state.set(DONE),
        AudienceItem.members.set(members),
        AudienceItem.size.set(size),
        AudienceItem.problem.remove(),
    ]
    _update(audience_id, actions, AudienceItem.PK.exists())


def fail(audience_id: str, problem: str) -> None:
    """A try came to nothing; a later one may be better. What is done stays done."""
    actions = [AudienceItem.state.set(FAILED), AudienceItem.problem.set(problem)]
    _update(audience_id, actions, AudienceItem.state.is_in(*UNDONE))


def latest(limit: int) -> Iterator[Audience]:
    """The last of them, the latest first; the index may lag a moment behind."""
    for item in Item.gsi1.query(keys.AUDIENCES_PK, scan_index_forward=False, limit=limit):
        if isinstance(item, AudienceItem):
            yield _to_audience(item)


def _update(audience_id: str, actions: list[Any], holds: Any) -> None:
    try:
        AudienceItem(*keys.audience(audience_id)).update(actions, holds)
    except UpdateError as error:
        if not condition_failed(error):
            raise


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _to_audience(item: AudienceItem) -> Audience:
    scheme, cuts = item.lines
    return Audience(
        item.audience_id,
        item.body,
        Basis(schemes.to_scheme(scheme), schemes.to_cuts(cuts), date.fromisoformat(item.as_of)),
        item.asked_by,
        item.asked_at,
        item.state,
        _whole(item.members),
        _whole(item.size),
        item.problem,
        _whole(item.attempts) or 0,
    )
