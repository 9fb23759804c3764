"""The tables of docs/segmentation*.md by name, and what their cells say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from siyu.domain.cut_points import CutPoints, Tally, buckets_to_open, cut
from siyu.domain.quantiles import values_in
from siyu.domain.schemes import Scheme
from siyu.domain.segments import Measure, place
from tests.docs.reading import text_of

AS_OF = date(2026, 11, 22)
TODAY = AS_OF.toordinal()
TABLES = (
    "days", "windows", "orders", "figures", "members", "lines", "scores", "own_lines",
    "own_scores", "populations", "groups", "sides", "grouped", "stages", "borders", "ties", "aipl",
    "aipl_examples", "fields", "versions", "cutting", "frozen", "side_by_side", "day", "left_out",
    "change",
)  # fmt: skip

_YES = {"yes": True, "是": True, "no": False, "否": False}
_HIGH = {"high": True, "高": True, "low": False, "低": False}


def table(page: Path, name: str) -> list[list[str]]:
    """The body of a table, cell by cell."""
    return list(_tables(page))[TABLES.index(name)]


def count_tables(page: Path) -> int:
    return len(list(_tables(page)))


def _tables(page: Path) -> Iterator[list[list[str]]]:
    lines = text_of(page).splitlines()
    for is_table, block in groupby(lines, key=lambda line: line.startswith("|")):
        if is_table:
            yield [[cell.strip() for cell in line.strip("|").split("|")] for line in [*block][2:]]


def words_of(page: Path) -> str:
    """The page without its tables."""
    return re.sub(r"^\|.*$", "", text_of(page), flags=re.MULTILINE)


def numbers(text: str) -> list[str]:
    """Everything written in digits."""
    return re.findall(r"\d+(?:\.\d+)?", text)


def codes(text: str) -> list[str]:
    """Everything between backticks."""
    return re.findall(r"`([^`]+)`", text)


def code(cell: str) -> str:
    """The one name in a cell."""
    (name,) = codes(cell)
    return name


def number(cell: str) -> int:
    """The one whole number in a cell."""
    (found,) = numbers(cell)
    return int(found)


def yes(cell: str) -> bool:
    return _YES[cell]


def high(cell: str) -> bool:
    return _HIGH[cell]


def minor(cell: str) -> int:
    """An amount in yuan, in fen."""
    return int(Decimal(re.sub(r"[^\d.-]", "", cell)) * 100)


def triple(cell: str) -> tuple[int, ...]:
    """Three scores."""
    return tuple(map(int, cell.split()))


def ordinal(cell: str) -> int:
    return date.fromisoformat(cell).toordinal()


def bought(days: int, orders: int, net_minor: int) -> Measure:
    """A member by R, F and M who bought nothing before the window."""
    return Measure(TODAY - days, orders, net_minor, orders, TODAY - 400)


def somebody(recency: str, joined: int, orders: int) -> Measure:
    """A member of whom R ("-" for no purchase), days since joining and orders count."""
    last = None if recency == "-" else TODAY - int(recency)
    return Measure(last, orders, 100 * orders, orders, TODAY - joined)


def cuts_of(members: Sequence[Measure], scheme: Scheme) -> CutPoints:
    """The lines over members who all bought."""
    tally, net = Tally(), [one.net_minor for one in members]
    tally.count([one.last_day or 0 for one in members], [one.orders for one in members], net)
    return cut(tally, values_in(net, buckets_to_open(tally, scheme)), scheme, AS_OF)


def shown_lines(rows: Sequence[Sequence[str]], rule: str) -> list[tuple[int, ...]]:
    """The lines of R, F and M that a table shows of a rule."""
    shown = {figure: cells for name, figure, *cells in rows if code(name) == rule}
    return [
        tuple(map(int, shown["R"])),
        tuple(map(int, shown["F"])),
        tuple(map(minor, shown["M"])),
    ]


def drawn_lines(cuts: CutPoints) -> list[tuple[int, ...]]:
    return [cuts.recency, cuts.frequency, cuts.monetary]


def scores(members: Sequence[Measure], scheme: Scheme) -> list[tuple[int, ...] | None]:
    cuts = cuts_of(members, scheme)
    return [place(one, scheme, cuts, AS_OF).scores for one in members]
