"""What the night reads of members: a line of packed text each, and all of them by column.

Standard library alone, so that it can be measured and tested without a table.
"""

from __future__ import annotations

import base64
from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import compress

from siyu.domain.figures import Figures
from siyu.storage.pages import Page

# What `z` says: id|version|state|joined day|store|first bucket|last bucket|last purchase|orders|net
FIELDS = 10
COUNTED, NOT_COUNTED = "", "x"


@dataclass
class Columns:
    """Members by column, those alone whom the night counts. Days are day numbers, 0 for none; a
    member who bought has `last_days`. `windows` has orders and net sales (minor units) by window in
    days, None being a member's whole time."""

    member_ids: list[str] = field(default_factory=list)
    versions: array[int] = field(default_factory=lambda: array("q"))
    joined_days: array[int] = field(default_factory=lambda: array("q"))
    stores: list[str] = field(default_factory=list)
    last_days: array[int] = field(default_factory=lambda: array("q"))
    books: list[str] = field(default_factory=list)
    windows: dict[int | None, tuple[array[int], array[int]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.member_ids)


def pack(
    member_id: str, figures: Figures, *, version: int, counted: bool, joined_day: int, store: str
) -> str:
    """What the night reads of a member; equal figures give equal text."""
    state = COUNTED if counted else NOT_COUNTED
    first, last = figures.span
    bought = figures.last_day.toordinal() if figures.last_day else 0
    numbers = (first, last, bought, figures.orders, figures.net_minor)
    return "|".join((member_id, str(version), state, str(joined_day), store, *map(str, numbers)))


def origin(packed: str) -> tuple[int, str]:
    """The day of joining and the store that brought the member."""
    fields = packed.split("|")
    return int(fields[3]), fields[4]


def gather(pages: Iterable[Page], as_of: date, windows: Collection[int | None]) -> Columns:
    """The members of some pages; see `read_shards`."""
    columns = Columns(windows={window: (array("q"), array("q")) for window in windows})
    known = _Known()
    for page in pages:
        _add(columns, page, as_of.toordinal(), known)
    return columns


class _Known:
    """What comes over and over, by its text: kept once, and faster than reading it anew."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.numbers = _Numbers()


class _Numbers(dict[str, int]):
    def __missing__(self, text: str) -> int:
        number = self[text] = int(text)
        return number


def _add(columns: Columns, page: Page, today: int, known: _Known) -> None:
    if not page.rows:
        return
    fields = "|".join(page.rows).split("|")
    texts = [fields[place::FIELDS] for place in range(FIELDS)]
    books, places = page.books, list(range(len(page.rows)))
    if any(texts[2]):
        kept = [state == COUNTED for state in texts[2]]
        texts = [list(compress(column, kept)) for column in texts]
        books, places = list(compress(books, kept)), list(compress(places, kept))
    number = known.numbers.__getitem__
    columns.member_ids += texts[0]
    columns.versions.fromlist(list(map(number, texts[1])))
    columns.joined_days.fromlist(list(map(number, texts[3])))
    columns.stores += map(known.texts.setdefault, texts[4], texts[4])
    columns.books += books
    last, bought, orders = (list(map(number, column)) for column in texts[6:9])
    net = list(map(int, texts[9]))
    early = [place for place, day in enumerate(last) if day > today]
    for place in early:
        bought[place] = _figures(page, places[place]).last_day_by(today) or 0
    columns.last_days.fromlist(bought)
    for window, (into_orders, into_net) in columns.windows.items():
        seen_orders, seen_net, inside = orders[:], net[:], early
        if window is not None:
            begin = today - window
            seen_orders = [n if day > begin else 0 for n, day in zip(orders, last, strict=True)]
            seen_net = [n if day > begin else 0 for n, day in zip(net, last, strict=True)]
            spans = enumerate(zip(map(number, texts[5]), last, strict=True))
            inside = [
                at for at, (opens, closes) in spans if opens <= begin < closes or closes > today
            ]
        for place in inside:
            seen = _figures(page, places[place]).within(today, window)
            seen_orders[place], seen_net[place] = seen
        into_orders.fromlist(seen_orders)
        into_net.fromlist(seen_net)


def _figures(page: Page, place: int) -> Figures:
    return Figures.unpack(base64.b64decode(page.buckets[place]))
