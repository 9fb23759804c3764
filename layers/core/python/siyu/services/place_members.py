"""Where members stand by the lines of a night, and whose labels change; nothing is written."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import compress
from typing import TypeVar

from siyu.domain.cut_points import CutPoints
from siyu.domain.label_book import BY_NIGHT, LabelBook
from siyu.domain.placing import Placing
from siyu.domain.schemes import Scheme
from siyu.storage.columns import Columns

T = TypeVar("T")

# A book and what is made of it on the way to the table take a kilobyte, two with twenty schemes.
MEMBERS_AT_ONCE = 50_000
# How many answers are remembered: with many schemes hardly two members have the same labels.
REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Night:
    """What is known of a night when it begins: its schemes, the night before (yesterday if there
    was none), those lines that were published already or stay as they were, and whether anybody may
    have a label at a scheme that has them no more; into how many parts its pages go, once its lines
    were published; the run that has it, if it is one process; and whether a run before began it."""

    as_of: date
    last_night: date
    schemes: tuple[Scheme, ...]
    lines: Mapping[str, CutPoints]
    narrowed: bool = False
    page_shards: int | None = None
    run: str | None = None
    again: bool = False

    @property
    def undrawn(self) -> tuple[Scheme, ...]:
        """The schemes whose lines are to be drawn."""
        return tuple(one for one in self.schemes if one.name not in self.lines)

    @property
    def windows(self) -> frozenset[int | None]:
        """The windows to look through; a member's whole time always."""
        return frozenset({None, *(one.window_days for one in self.schemes)})


class Remembered(dict[str, T]):
    """Answers for texts that come over and over."""

    def __init__(self, answer: Callable[[str], T]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, text: str) -> T:
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[text] = self._answer(text)
        return found


@dataclass(frozen=True, slots=True)
class Placed:
    """The members of a scheme by their place in the columns, and the number of what they are."""

    scheme: Scheme
    places: Sequence[int]
    numbers: Sequence[int]
    placing: Placing

    @property
    def codes(self) -> Mapping[int, str]:
        """The codes of the labels that the numbers stand for."""
        return {number: self.placing.label(number).code for number in set(self.numbers)}


def place_members(columns: Columns, night: Night, lines: Mapping[str, CutPoints]) -> list[Placed]:
    """Where the members stand by each scheme of a night."""
    return [place_by(columns, one, lines[one.name], night.as_of) for one in night.schemes]


def place_by(columns: Columns, scheme: Scheme, cuts: CutPoints, as_of: date) -> Placed:
    """Where members stand by some lines on a day; those outside of the scheme are left out."""
    placing = Placing(scheme, cuts, as_of)
    orders, net = columns.windows[scheme.window_days]
    ever, _ = columns.windows[None]
    given: list[Sequence[int]] = [columns.last_days, columns.joined_days, orders, net, ever]
    places: Sequence[int] = range(len(columns))
    if scheme.stores:
        inside = [scheme.covers(store) for store in columns.stores]
        places = array("I", compress(places, inside))
        given = [array("q", compress(one, inside)) for one in given]
    return Placed(scheme, places, array("I", placing.numbers(*given)), placing)


def relabelled(
    columns: Columns, night: Night, placed: Sequence[Placed]
) -> Iterator[Mapping[int, str]]:
    """The labels of those who change, by their place. Where a scheme has a member no more, the
    label goes.

    They come in slices, to be written and let go. A slice has members from everywhere: the columns
    hold them shard by shard, and no shard is to take all the writes.
    """
    today, last_night = night.as_of.toordinal(), night.last_night.toordinal()
    slices = -(-len(columns) // MEMBERS_AT_ONCE)
    found = [_sliced(_changing(columns.books, one, today), slices) for one in placed]
    same = Remembered(str)
    for number in range(slices):
        mine = range(number, len(columns), slices)
        books = dict(_left(columns, night.schemes, mine)) if night.narrowed else {}
        for one, changing in zip(placed, found, strict=True):
            for both in changing[number]:
                at, code = both >> 32, one.placing.label(both & 0xFFFFFFFF).code
                book = books.get(at) or LabelBook.unpack(columns.books[at])
                books[at] = book.relabelled(one.scheme.name, code, today, last_night, BY_NIGHT)
        yield {at: same[book.pack()] for at, book in books.items()}


def _left(
    columns: Columns, schemes: Sequence[Scheme], places: range
) -> Iterator[tuple[int, LabelBook]]:
    """Who of some has a label at a scheme that has them no more, with the labels they keep."""
    labelled = Remembered(lambda text: frozenset(LabelBook.unpack(text).entries))
    inside = Remembered(lambda store: frozenset(one.name for one in schemes if one.covers(store)))
    for at in places:
        text, store = columns.books[at], columns.stores[at]
        if not labelled[text] <= inside[store]:
            yield at, LabelBook.unpack(text).kept(inside[store])


def _sliced(changing: Iterable[tuple[int, int]], slices: int) -> list[array[int]]:
    """Places and numbers as eight bytes each, the number in the lower four."""
    found = [array("Q") for _ in range(slices)]
    for at, number in changing:
        found[at % slices].append(at << 32 | number)
    return found


def _changing(texts: Sequence[str], placed: Placed, today: int) -> Iterator[tuple[int, int]]:
    """Who is something else than what stands settled, with the number of what they are."""
    codes = placed.codes
    stands = Remembered(partial(_settled, placed.scheme.name, today))
    for at, number in not_before(texts, placed, today):
        if codes[number] != stands[texts[at]]:
            yield at, number


def not_before(texts: Sequence[str], placed: Placed, day: int) -> Iterator[tuple[int, int]]:
    """Place and number of those whose packed labels do not show at a glance that they are what they
    are to be since before a day.

    Almost every text begins with its label and a day, so two comparisons see it; what they do not
    see may still be so, and has to be taken apart.
    """
    first = {number: f"{placed.scheme.name}={code}," for number, code in placed.codes.items()}
    beyond = {number: f"{begin}{day}" for number, begin in first.items()}
    mine = of_places(texts, placed)
    for at, number, text in zip(placed.places, placed.numbers, mine, strict=True):
        if not first[number] <= text < beyond[number]:
            yield at, number


def of_places(column: Sequence[T], placed: Placed) -> Sequence[T]:
    """A column's values of those in a scheme."""
    if len(placed.places) == len(column):
        return column
    return [column[at] for at in placed.places]


def _settled(scheme: str, night: int, text: str) -> str | None:
    return LabelBook.unpack(text).settled(scheme, night)
