"""What nights leave behind: cut points, reports, and pages of the labels that changed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute

from siyu.domain.calendar import BUSINESS_ZONE
from siyu.domain.cut_points import CutPoints
from siyu.domain.night_report import Report
from siyu.domain.published import Published
from siyu.domain.schemes import Scheme
from siyu.storage import keys, schemes
from siyu.storage.items import Item, SegmentItem
from siyu.storage.label_page import Change, pack, unpack
from siyu.storage.put_all import put_all
from siyu.storage.reading import read
from siyu.storage.transaction import StaleReadError, Transaction, retrying

MEMBERS_PER_PAGE = 2_048
KEPT_DAYS = 396


class LabelPageItem(Item, discriminator="LABEL_PAGE"):
    """The labels that changed in one night, for one part of the members, compressed."""

    body = BinaryAttribute(legacy_encoding=False)
    ttl = NumberAttribute()


def last_published() -> Published | None:
    """What the last night published."""
    return schemes.published(read([keys.PUBLISHED]))


def publish(one: Published, run: str | None = None) -> bool:
    """Give the order path what it relabels by; returns False where a later night has begun, or
    another run of the night was further, and nothing is written. With `run`, only while that run
    has the night.

    Raises ContentionError.
    """

    def attempt() -> bool:
        item = read([keys.PUBLISHED]).get(SegmentItem, keys.PUBLISHED)
        condition = SegmentItem.PK.does_not_exist()
        if item is not None:
            stands = schemes.to_published(item.body)
            if (stands.begun, stands.night) > (one.begun, one.night):
                return False
            if run is not None and stands.run != run:
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


def runs(night: date, names: Iterable[str]) -> Mapping[str, Report]:
    """The reports of a night, by scheme."""
    where = {name: keys.segment_run(name, night) for name in names}
    found = read(where.values())
    items = {name: found.get(SegmentItem, key) for name, key in where.items()}
    return {name: schemes.to_report(item.body) for name, item in items.items() if item}


def put_run(report: Report) -> None:
    """Record the report of a night."""
    key = keys.segment_run(report.scheme, report.as_of)
    SegmentItem(*key, body=schemes.of_report(report)).save()


def reports(scheme: str, first: date, last: date) -> Iterator[Report]:
    """The reports of the nights that are over, oldest first, both days included."""
    return map(schemes.to_report, _between(scheme, keys.RUN_PREFIX, first, last))


def last_report(scheme: str, by: date) -> Report | None:
    """The last of them up to a day."""
    return next(map(schemes.to_report, _last(scheme, keys.RUN_PREFIX, by)), None)


def lines(scheme: str, first: date, last: date) -> Iterator[CutPoints]:
    """The lines that were drawn in some nights, oldest first, both days included."""
    found = _between(scheme, keys.CUT_POINTS_PREFIX, first, last)
    return (schemes.to_cuts(body["cuts"]) for body in found)


def last_lines(scheme: str, by: date) -> CutPoints | None:
    """The last of them up to a day."""
    found = _last(scheme, keys.CUT_POINTS_PREFIX, by)
    return next((schemes.to_cuts(body["cuts"]) for body in found), None)


def page_shards(members: int) -> int:
    """Into how many parts the pages of a night are cut: a power of two, so that a page is about as
    large as what one write unit takes, and a member's pages of a year are one query."""
    return 1 << max(members // MEMBERS_PER_PAGE, 1).bit_length() - 1


def put_pages(
    scheme: str, night: date, shards: int, pages: Iterable[tuple[int, Iterable[Change]]]
) -> None:
    """Write pages by their number: a member is on the page `keys.shard(member_id, shards)`. Raises
    ContentionError."""
    end = datetime.combine(night, time(), BUSINESS_ZONE) + timedelta(days=KEPT_DAYS)
    ttl = int(end.timestamp())
    put_all(
        LabelPageItem(*keys.label_page(scheme, shards, number, night), body=pack(part), ttl=ttl)
        for number, part in pages
    )


def drop_pages(scheme: str, night: date, shards: int, numbers: Iterable[int]) -> None:
    """Delete pages by their number where there are any: what a run that was cut short told of
    members who stand where they stood by now. Looking costs less than deleting what is not there.
    """
    where = [keys.label_page(scheme, shards, number, night) for number in numbers]
    for item in read(where).items:
        item.delete()


def history(scheme: str, member_id: str, last_shards: int) -> Iterator[tuple[date, Change]]:
    """The changes of one member's label over the last 13 months, by night.

    `last_shards` is into how many parts the pages of the last night were cut. A scheme that grew
    had fewer before, one that shrank to half had twice as many. A night that was run in parts has
    at least as many pages as there are shards, however few members. A night counts once.
    """
    told: set[date] = set()
    shards = max(2 * last_shards, keys.AGGREGATE_SHARDS)
    while shards:
        number = keys.shard(member_id, shards)
        for item in Item.query(keys.label_page_pk(scheme, shards, number)):
            if isinstance(item, LabelPageItem):
                night = date.fromisoformat(item.SK)
                mine = [one for one in unpack(item.body) if one.member_id == member_id]
                if night not in told:
                    yield from ((night, one) for one in mine)
                told.update([night] if mine else ())
        shards //= 2


def pages(scheme: str, night: date, shards: int) -> Iterator[Change]:
    """All changes of one night."""
    where = [keys.label_page(scheme, shards, number, night) for number in range(shards)]
    for item in read(where).items:
        if isinstance(item, LabelPageItem):
            yield from unpack(item.body)


def _between(scheme: str, prefix: str, first: date, last: date) -> Iterator[Any]:
    condition = Item.SK.between(f"{prefix}{first.isoformat()}", f"{prefix}{last.isoformat()}")
    return _bodies(Item.query(keys.segment_pk(scheme), condition))


def _last(scheme: str, prefix: str, by: date) -> Iterator[Any]:
    condition = Item.SK.between(prefix, f"{prefix}{by.isoformat()}")
    pk = keys.segment_pk(scheme)
    return _bodies(Item.query(pk, condition, scan_index_forward=False, limit=1))


def _bodies(items: Iterable[Item]) -> Iterator[Any]:
    return (item.body for item in items if isinstance(item, SegmentItem))
