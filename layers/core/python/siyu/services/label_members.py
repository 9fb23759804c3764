"""Label members by the lines of a night: write what changed, and leave pages of who moved."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

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
from siyu.storage import figures, labels, nights
from siyu.storage.columns import Columns
from siyu.storage.labels import Relabelling
from siyu.storage.nights import Change
from siyu.storage.transaction import StaleReadError, retrying

__all__ = ["Night", "label_members"]


def label_members(
    columns: Columns, night: Night, lines: Mapping[str, CutPoints], page_shards: int
) -> list[Report]:
    """Label some members; a report for each scheme.

    Pages are made from the labels as they stand, so a run after one that was cut short makes the
    same. Raises ContentionError when it should be run again.
    """
    placed = place_members(columns, night, lines)
    after = relabelled(columns, night, placed)
    stale = labels.write(
        Relabelling(columns.member_ids[at], columns.versions[at], columns.books[at], text)
        for at, text in after.items()
    )
    for at, text in after.items():
        if columns.member_ids[at] in stale:
            text = _label_again(columns, at, night)  # noqa: PLW2901 - what was written instead
        columns.books[at] = text
    last = nights.last_published()
    if last is not None and last.begun > night.as_of:
        raise ContentionError("a later night has begun: what members say is told on its pages")
    return [_report(columns, night, one, page_shards) for one in placed]


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
        text = book.pack()
        if labels.write([Relabelling(member_id, one.version, one.book.pack(), text)]):
            raise StaleReadError(frozenset({"labels"}))
        return text

    return retrying(attempt)


def _report(columns: Columns, night: Night, placed: Placed, page_shards: int) -> Report:
    scheme = placed.scheme
    report = Report(scheme.name, scheme.version, night.as_of, page_shards)
    orders, net = columns.windows[scheme.window_days]
    counts, sums = Counter(placed.numbers), defaultdict[int, int](int)
    for number, minor in zip(placed.numbers, of_places(net, placed), strict=True):
        sums[number] += minor
    for number, count in counts.items():
        report.count(placed.placing.label(number), count, sums[number])
    report.population = sum(map(bool, of_places(orders, placed)))
    changes = list(_changes(columns, night, placed))
    for change in changes:
        report.moved(change.entry.before, change.entry.code)
        by_us = change.entry.cause == BY_NIGHT and change.entry.since == night.as_of.toordinal()
        report.changed += by_us
    nights.put_pages(scheme.name, night.as_of, page_shards, changes)
    return report


def _changes(columns: Columns, night: Night, placed: Placed) -> Iterator[Change]:
    """Who moved since the last night, by whatever it was."""
    name = placed.scheme.name
    today, last_night = night.as_of.toordinal(), night.last_night.toordinal()

    def fresh(text: str) -> bool:
        entry = LabelBook.unpack(text).entries.get(name)
        return entry is not None and entry.changed_after(today, last_night)

    known = Remembered(fresh)
    orders, net = columns.windows[placed.scheme.window_days]
    for at, _ in not_before(columns.books, placed, last_night):
        if known[columns.books[at]]:
            entry = LabelBook.unpack(columns.books[at]).entries[name]
            yield Change(columns.member_ids[at], entry, columns.last_days[at], orders[at], net[at])
