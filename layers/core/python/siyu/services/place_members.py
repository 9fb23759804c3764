"""Where members stand by the lines of a night, and whose labels change; nothing is written."""

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


class Remembered(dict[str, T]):
    """Answers for texts that come over and over."""

    def __init__(self, answer: Callable[[str], T]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, text: str) -> T:
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
        for at, code in _changing(columns.books, one, today):
            book = books.get(at) or LabelBook.unpack(columns.books[at])
            books[at] = book.relabelled(name, code, today, last_night, BY_NIGHT)
    return {at: book.pack() for at, book in books.items()}


def _changing(texts: Sequence[str], placed: Placed, today: int) -> Iterator[tuple[int, str]]:
    """Who is something else than what stands settled, with what they are."""
    codes = placed.codes
    stands = Remembered(partial(_settled, placed.scheme.name, today))
    for at, number in not_before(texts, placed, today):
        if codes[number] != stands[texts[at]]:
            yield at, codes[number]


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
