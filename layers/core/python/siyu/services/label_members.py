"""Label members by the lines of a night: write what changed, and leave pages of who moved."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from siyu.domain.cut_points import CutPoints
from siyu.domain.label_book import BY_NIGHT, LabelBook
from siyu.domain.night_report import Report
from siyu.errors import ContentionError
from siyu.services.place_members import (
    Night,
    Placed,
    Remembered,
    not_before,
    of_places,
    place_members,
    relabelled,
)
from siyu.storage import figures, keys, labels, nights
from siyu.storage.columns import Columns
from siyu.storage.label_page import Change
from siyu.storage.labels import Relabelling
from siyu.storage.transaction import StaleReadError, retrying


def label_members(
    columns: Columns,
    night: Night,
    lines: Mapping[str, CutPoints],
    page_shards: int,
    told: Iterable[int] = (),
) -> list[Report]:
    """Label some members; a report for each scheme.

    Pages are made from the labels as they stand, so a run after one that was cut short writes over
    its pages. `told` are the numbers of those that there may be: where nobody is on them any more,
    they go. Raises ContentionError when it should be run again.
    """
    placed = place_members(columns, night, lines)
    for after in relabelled(columns, night, placed):
        _write(columns, night, after)
    return [_report(columns, night, one, page_shards, frozenset(told)) for one in placed]


def _write(columns: Columns, night: Night, after: Mapping[int, str]) -> None:
    stale = labels.write(
        Relabelling(columns.member_ids[at], columns.versions[at], columns.books[at], text)
        for at, text in after.items()
    )
    for at, text in after.items():
        if columns.member_ids[at] in stale:
            text = _label_again(columns, at, night)  # noqa: PLW2901 - what was written instead
        columns.books[at] = text


def _label_again(columns: Columns, at: int, night: Night) -> str:
    """Label somebody who was written since they were read, by what they are at this moment. Were it
    not their figures that changed, another run of the night has labelled them.

    The label of the night before is the one in the book that was seen: who wrote meanwhile took
    this night for settled.
    """
    member_id, version, seen = columns.member_ids[at], columns.versions[at], columns.books[at]
    today, last_night = night.as_of.toordinal(), night.last_night.toordinal()

    def attempt() -> str:
        one = figures.get_many({member_id})[member_id][0]
        if one.version == version:
            return one.book.pack()
        book = LabelBook.unpack(seen) if one.counted else LabelBook()
        for name, entry in one.labels.entries.items():
            book = book.relabelled(name, entry.code, today, last_night, BY_NIGHT)
        text = book.kept(one.labels.entries).pack()
        if labels.write([Relabelling(member_id, one.version, one.book.pack(), text)]):
            raise StaleReadError(frozenset({"labels"}))
        return text

    return retrying(attempt)


def _check(night: Night) -> None:
    """Of a scheme with many members the reckoning takes a while: asked as late as can be."""
    last = nights.last_published()
    if last is not None and last.begun > night.as_of:
        raise ContentionError("a later night has begun: what members say is told on its pages")
    if last is not None and night.run not in {None, last.run}:
        raise ContentionError("another run of the night has begun: it looks at members later")


def _report(
    columns: Columns, night: Night, placed: Placed, page_shards: int, told: frozenset[int]
) -> Report:
    scheme = placed.scheme
    report = Report(scheme.name, scheme.version, night.as_of, page_shards, read=len(columns))
    orders, net = columns.windows[scheme.window_days]
    counts, sums = Counter(placed.numbers), defaultdict[int, int](int)
    for number, minor in zip(placed.numbers, of_places(net, placed), strict=True):
        sums[number] += minor
    for number, count in counts.items():
        report.count(placed.placing.label(number), count, sums[number])
    report.population = sum(map(bool, of_places(orders, placed)))
    moved = _moved(columns, night, placed, page_shards)
    pages = (_page(columns, placed, number, moved[number], report) for number in sorted(moved))
    _check(night)
    nights.put_pages(scheme.name, night.as_of, page_shards, pages)
    nights.drop_pages(scheme.name, night.as_of, page_shards, told - moved.keys())
    return report


def _page(
    columns: Columns, placed: Placed, number: int, places: Iterable[int], report: Report
) -> tuple[int, list[Change]]:
    """A page by its number, counted in the report. Changes take some 300 bytes each, so they are
    made page by page."""
    name, changes = placed.scheme.name, []
    orders, net = columns.windows[placed.scheme.window_days]
    for at in places:
        entry = LabelBook.unpack(columns.books[at]).entries[name]
        report.moved(entry.before, entry.code)
        report.changed += entry.cause == BY_NIGHT and entry.since == report.as_of.toordinal()
        row = (columns.member_ids[at], entry, columns.last_days[at], orders[at], net[at])
        changes.append(Change(*row))
    return number, changes


def _moved(
    columns: Columns, night: Night, placed: Placed, page_shards: int
) -> Mapping[int, array[int]]:
    """The places of those who moved since the last night, by whatever it was, page by page."""
    name = placed.scheme.name
    today, last_night = night.as_of.toordinal(), night.last_night.toordinal()

    def fresh(text: str) -> bool:
        entry = LabelBook.unpack(text).entries.get(name)
        return entry is not None and entry.changed_after(today, last_night)

    known = Remembered(fresh)
    moved: dict[int, array[int]] = defaultdict(lambda: array("I"))
    for at, _ in not_before(columns.books, placed, last_night):
        if known[columns.books[at]]:
            moved[keys.shard(columns.member_ids[at], page_shards)].append(at)
    return moved
