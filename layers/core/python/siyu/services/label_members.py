"""Label members by the lines of a night: write what changed, and leave pages of who moved."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import compress

from siyu.domain.cut_points import CutPoints
from siyu.domain.label_book import BY_NIGHT, LabelBook
from siyu.domain.night_report import Report
from siyu.domain.schemes import Scheme
from siyu.domain.segments import Placing
from siyu.storage import figures, labels, nights
from siyu.storage.labels import Relabelling
from siyu.storage.nights import Change
from siyu.storage.rows import Columns


@dataclass(frozen=True, slots=True)
class Night:
    """What is known of a night when it begins: its schemes, the night before (yesterday if there
    was none), and those lines that were published already or stay as they were."""

    as_of: date
    last_night: date
    schemes: tuple[Scheme, ...]
    lines: Mapping[str, CutPoints]

    @property
    def undrawn(self) -> tuple[Scheme, ...]:
        """The schemes whose lines are to be drawn."""
        return tuple(one for one in self.schemes if one.name not in self.lines)

    @property
    def windows(self) -> frozenset[int | None]:
        """The windows to look through; a member's whole time always."""
        return frozenset({None, *(one.window_days for one in self.schemes)})


@dataclass(frozen=True, slots=True)
class Placed:
    """The members of a scheme by their place in the columns, and the number of what they are."""

    scheme: Scheme
    places: Sequence[int]
    numbers: Sequence[int]
    placing: Placing


class _Remembered(dict[str, str | bool | None]):
    """Answers for texts that come over and over."""

    def __init__(self, answer: Callable[[str], str | bool | None]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, text: str) -> str | bool | None:
        found = self[text] = self._answer(text)
        return found


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
        moved_on = columns.member_ids[at] in stale
        columns.books[at] = figures.relabel(columns.member_ids[at]) if moved_on else text
    return [_report(columns, night, one, page_shards) for one in placed]


def place_members(columns: Columns, night: Night, lines: Mapping[str, CutPoints]) -> list[Placed]:
    """Where the members stand by each scheme of a night."""
    return [_place(columns, one, lines[one.name], night.as_of) for one in night.schemes]


def _place(columns: Columns, scheme: Scheme, cuts: CutPoints, as_of: date) -> Placed:
    placing = Placing(scheme, cuts, as_of)
    orders, net = columns.windows[scheme.window_days]
    ever, _ = columns.windows[None]
    pairs = zip(columns.last_days, columns.joined_days, strict=True)
    given: list[Sequence[int]] = [[last or -joined for last, joined in pairs], orders, net, ever]
    places: Sequence[int] = range(len(columns))
    if scheme.stores:
        inside = [scheme.covers(store) for store in columns.stores]
        places = list(compress(places, inside))
        given = [list(compress(one, inside)) for one in given]
    return Placed(scheme, places, placing.numbers(*given), placing)


def relabelled(columns: Columns, night: Night, placed: Iterable[Placed]) -> dict[int, str]:
    """The labels of those who change, by their place."""
    today, last_night = night.as_of.toordinal(), night.last_night.toordinal()
    books: dict[int, LabelBook] = {}
    for one in placed:
        name = one.scheme.name
        stands = _Remembered(partial(_code_in, name))
        codes = {number: one.placing.label(number).code for number in set(one.numbers)}
        texts = map(columns.books.__getitem__, one.places)
        for at, number, text in zip(one.places, one.numbers, texts, strict=True):
            if codes[number] != stands[text]:
                book = books.get(at) or LabelBook.unpack(text)
                books[at] = book.relabelled(name, codes[number], today, last_night, BY_NIGHT)
    return {at: book.pack() for at, book in books.items()}


def _code_in(scheme: str, text: str) -> str | None:
    return LabelBook.unpack(text).code(scheme)


def _report(columns: Columns, night: Night, placed: Placed, page_shards: int) -> Report:
    scheme = placed.scheme
    report = Report(scheme.name, scheme.version, night.as_of, page_shards)
    orders, net = columns.windows[scheme.window_days]
    counts, sums = Counter(placed.numbers), defaultdict[int, int](int)
    for number, at in zip(placed.numbers, placed.places, strict=True):
        sums[number] += net[at]
    for number, count in counts.items():
        report.count(placed.placing.label(number), count, sums[number])
    report.population = sum(1 for at in placed.places if orders[at])
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

    known = _Remembered(fresh)
    orders, net = columns.windows[placed.scheme.window_days]
    for at in placed.places:
        if known[columns.books[at]]:
            entry = LabelBook.unpack(columns.books[at]).entries[name]
            yield Change(columns.member_ids[at], entry, columns.last_days[at], orders[at], net[at])
