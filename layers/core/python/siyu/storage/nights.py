"""What nights leave behind: cut points, reports, and pages of the labels that changed."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from siyu.domain.calendar import BUSINESS_ZONE
from siyu.domain.cut_points import CutPoints
from siyu.domain.label_book import Entry
from siyu.domain.published import Published
from siyu.domain.schemes import Scheme
from siyu.storage import keys, schemes
from siyu.storage.items import Item, LabelPageItem, SegmentItem
from siyu.storage.reading import read
from siyu.storage.transaction import StaleReadError, Transaction, retrying

MEMBERS_PER_PAGE = 2_048
KEPT_DAYS = 396
FORMAT = b"1"


@dataclass(frozen=True, slots=True)
class Change:
    """A label that changed between two nights, with the numbers behind it (`last_day` is a day
    number, 0 for no purchase; orders and net in minor units are those of the scheme's window)."""

    member_id: str
    entry: Entry
    last_day: int
    orders: int
    net_minor: int


def last_published() -> Published | None:
    """What the last night published."""
    return schemes.published(read([keys.PUBLISHED]))


def publish(one: Published) -> bool:
    """Give the order path what it relabels by; returns False where a later night has begun, or
    another run of the night was further, and nothing is written.

    Raises ContentionError.
    """

    def attempt() -> bool:
        item = read([keys.PUBLISHED]).get(SegmentItem, keys.PUBLISHED)
        condition = SegmentItem.PK.does_not_exist()
        if item is not None:
            stands = schemes.to_published(item.body)
            if (stands.begun, stands.night) > (one.begun, one.night):
                return False
            condition = SegmentItem.body == item.body
        write = Transaction()
        put = SegmentItem(*keys.PUBLISHED, body=schemes.of_published(one))
        write.put("published", put, condition)
        write.commit()
        return True

    return retrying(attempt)


def cut_points(night: date, names: Iterable[str]) -> Mapping[str, CutPoints]:
    """The lines of a night that were published already, by scheme."""
    where = {name: keys.cut_points(name, night) for name in names}
    found = read(where.values())
    items = {name: found.get(SegmentItem, key) for name, key in where.items()}
    return {name: schemes.to_cuts(item.body["cuts"]) for name, item in items.items() if item}


def put_cut_points(night: date, scheme: Scheme, cuts: CutPoints) -> CutPoints:
    """Publish the lines of a night, with the rules they follow; returns those that were there
    first."""
    body = {"scheme": schemes.to_fields(scheme), "cuts": schemes.of_cuts(cuts)}
    write = Transaction()
    write.create("cut_points", SegmentItem(*keys.cut_points(scheme.name, night), body=body))
    try:
        write.commit()
    except StaleReadError:
        return cut_points(night, [scheme.name])[scheme.name]
    return cuts


def runs(night: date, names: Iterable[str]) -> Mapping[str, dict[str, Any]]:
    """The reports of a night, by scheme."""
    where = {name: keys.segment_run(name, night) for name in names}
    found = read(where.values())
    items = {name: found.get(SegmentItem, key) for name, key in where.items()}
    return {name: item.body for name, item in items.items() if item}


def put_run(night: date, scheme: str, body: dict[str, Any]) -> None:
    """Record the report of a night."""
    _put(keys.segment_run(scheme, night), body)


def between(scheme: str, prefix: str, first: date, last: date) -> Iterator[tuple[date, Any]]:
    """The cut points or reports of some nights, oldest first, both days included."""
    condition = Item.SK.between(f"{prefix}{first.isoformat()}", f"{prefix}{last.isoformat()}")
    for item in Item.query(keys.segment_pk(scheme), condition):
        if isinstance(item, SegmentItem):
            yield date.fromisoformat(item.SK.removeprefix(prefix)), item.body


def latest(scheme: str, prefix: str, by: date) -> tuple[date, Any] | None:
    """The last of them up to a day."""
    condition = Item.SK.between(prefix, f"{prefix}{by.isoformat()}")
    found = Item.query(keys.segment_pk(scheme), condition, scan_index_forward=False, limit=1)
    for item in found:
        if isinstance(item, SegmentItem):
            return date.fromisoformat(item.SK.removeprefix(prefix)), item.body
    return None


def page_shards(members: int) -> int:
    """Into how many parts the pages of a night are cut: a power of two, so that a page is about as
    large as what one write unit takes, and a member's pages of a year are one query."""
    return 1 << max(members // MEMBERS_PER_PAGE, 1).bit_length() - 1


def put_pages(scheme: str, night: date, shards: int, changes: Iterable[Change]) -> int:
    """Write the pages of the parts that the changes fall into; returns how many. The changes of a
    part have to come together."""
    parts: dict[int, list[Change]] = {}
    for change in changes:
        parts.setdefault(keys.shard(change.member_id, shards), []).append(change)
    end = datetime.combine(night, time(), BUSINESS_ZONE) + timedelta(days=KEPT_DAYS)
    with Item.batch_write() as batch:
        for number, part in sorted(parts.items()):
            key = keys.label_page(scheme, shards, number, night)
            batch.save(LabelPageItem(*key, body=pack(part), ttl=int(end.timestamp())))
    return len(parts)


def history(scheme: str, member_id: str, members: int) -> Iterator[tuple[date, Change]]:
    """The changes of one member's label over the last 13 months, by night.

    `members` is how many the scheme has: it grew, and its pages were cut into fewer parts before. A
    night that was run in parts has at least as many pages as there are shards, however few members.
    """
    shards = max(page_shards(members), keys.AGGREGATE_SHARDS)
    while shards:
        number = keys.shard(member_id, shards)
        for item in Item.query(keys.label_page_pk(scheme, shards, number)):
            if isinstance(item, LabelPageItem):
                night = date.fromisoformat(item.SK)
                yield from ((night, one) for one in unpack(item.body) if one.member_id == member_id)
        shards //= 2


def pages(scheme: str, night: date, shards: int) -> Iterator[Change]:
    """All changes of one night."""
    where = [keys.label_page(scheme, shards, number, night) for number in range(shards)]
    for item in read(where).items:
        if isinstance(item, LabelPageItem):
            yield from unpack(item.body)


def pack(changes: Iterable[Change]) -> bytes:
    """Changes as compressed lines; the same changes in any order give the same bytes."""
    lines = (
        f"{one.member_id},{one.entry.code},{one.entry.since},{one.entry.before},{one.entry.cause},"
        f"{one.last_day},{one.orders},{one.net_minor}"
        for one in changes
    )
    return FORMAT + zlib.compress("\n".join(sorted(lines)).encode(), 1)


def unpack(packed: bytes) -> Iterator[Change]:
    """The reverse of `pack`. Raises ValueError on an unknown format."""
    if packed[:1] != FORMAT:
        raise ValueError("unknown format of a page of labels")
    for line in zlib.decompress(packed[1:]).decode().splitlines():
        member_id, code, since, before, cause, *numbers = line.split(",")
        last_day, orders, net = map(int, numbers)
        yield Change(member_id, Entry(code, int(since), before, cause), last_day, orders, net)


def _put(key: keys.Key, body: dict[str, Any]) -> None:
    SegmentItem(*key, body=body).save()
