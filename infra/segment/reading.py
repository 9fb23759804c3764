"""Reads an order file, some hundred rows at a time.

Rows in which nothing is unusual are read by column. Where anything is, those few hundred are read
again one by one, by the rules of `infra.demo.rows`, which say what is wrong with which line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from infra.codes.table import UnusableFileError
from infra.demo.rows import MAX_ID_LENGTH, BadRowError, parse_row
from infra.segment.book import Book, Rows
from infra.segment.cells import Amounts, Moments, instant_of, minor_of, usual_time
from infra.segment.layout import OPTIONAL, Layout
from infra.segment.text import opened
from siyu.channels.csv_rows import MAX_ROW_LINES, NO_CSV

LINES_AT_ONCE = 500
KINDS = frozenset(("order", "refund"))


def read_book(path: Path, currency: str | None) -> Book:
    """All usable rows, and what is wrong with the others. Raises UnusableFileError."""
    with opened(path) as (text, lines):
        header = _header(text)
        reader = _Reader(Layout.of_header(header[1], currency), text, header[0])
        about, most = f"rows, {LINES_AT_ONCE} at once", lines // LINES_AT_ONCE + 1
        for _ in tqdm(reader, total=most, desc=about, unit="", disable=None):
            pass
    if not len(reader.book):
        raise UnusableFileError(f"{path}: no usable row ({len(reader.book.bad):,} bad)")
    return reader.book


def _header(text: TextIO) -> tuple[int, list[str]]:
    """How many lines it takes, blank ones before it included, and its cells."""
    reader = csv.reader(text, strict=True)
    try:
        cells = next(filter(None, reader), [])
    except csv.Error as error:
        raise UnusableFileError(f"line {reader.line_num}, the header: {error}") from error
    return reader.line_num, cells


class _Reader:
    """Each step reads on; `book` has what was read."""

    def __init__(self, layout: Layout, text: TextIO, line: int) -> None:
        self.book = Book(layout.currency)
        self._layout, self._text, self._line = layout, text, line
        self._moments = Moments()
        self._amounts = Amounts(layout.amount, layout.currency)

    def __iter__(self) -> Iterator[None]:
        while lines := list(islice(self._text, LINES_AT_ONCE)):
            rows = self._by_column(lines)
            if rows is not None and self.book.add(rows):
                self._line += len(lines)
            else:
                self._one_by_one(deque(lines))
            yield

    def _by_column(self, lines: list[str]) -> Rows | None:
        """None if anything is unusual."""
        try:
            cells = list(csv.reader(lines, strict=True))
            columns = list(zip(*cells, strict=True))
            if (len(cells), len(columns)) != (len(lines), self._layout.width):
                return None
            rows = self._rows(columns)
        except (csv.Error, ValueError, BadRowError):
            return None
        return rows if self._usual(rows) else None

    def _rows(self, columns: Sequence[Sequence[str]]) -> Rows:
        column = self._layout.column
        amounts = column(columns, self._layout.amount)
        return Rows(
            range(self._line + 1, self._line + 1 + len(amounts)),
            column(columns, "invoice"),
            column(columns, "kind"),
            column(columns, "refund_of"),
            list(map(self.book.people.__getitem__, column(columns, "customer_id"))),
            self._moments(column(columns, "placed_at")),
            self._amounts(amounts),
        )

    @staticmethod
    def _usual(rows: Rows) -> bool:
        """Whether all are rows that `parse_row` takes, as far as cells have not said already."""
        given = [at for at, of in enumerate(rows.refund_of) if of]
        return (
            KINDS.issuperset(rows.kinds)
            and _are_names(rows.invoices)
            and _are_names([rows.refund_of[at] for at in given])
            and all(rows.kinds[at] == "refund" for at in given)
            and all(rows.refund_of[at] != rows.invoices[at] for at in given)
        )

    def _one_by_one(self, lines: deque[str]) -> None:
        """Rows that begin in these lines; one of them may go on in lines that follow."""
        while lines:
            taken: list[str] = []
            try:
                cells = next(csv.reader(self._take(lines, taken), strict=True))
                if cells:
                    self.book.add_or_refuse(self._row(cells))
            except (csv.Error, BadRowError) as error:
                # A stray quotation mark spoils its own line only: the others are read again.
                lines.extendleft(reversed(taken[1:]))
                del taken[1:]
                reason = NO_CSV if isinstance(error, csv.Error) else str(error)
                self.book.bad.append((self._line + 1, reason))
            self._line += len(taken)

    def _take(self, lines: deque[str], taken: list[str]) -> Iterator[str]:
        while len(taken) < MAX_ROW_LINES:
            line = lines.popleft() if lines else next(self._text, None)
            if line is None:
                return
            taken.append(line)
            yield line

    def _row(self, cells: list[str]) -> Rows:
        """Raises BadRowError."""
        layout = self._layout
        if len(cells) != layout.width:
            raise BadRowError(f"{len(cells)} fields where the header has {layout.width}")
        value = {name: cells[place].strip() for name, place in layout.places.items()}
        minor = minor_of(value.pop(layout.amount), layout.amount, layout.currency)
        value["placed_at"] = usual_time(value["placed_at"])
        row = parse_row(self._line + 1, {**OPTIONAL, **value, "amount_minor": str(minor)})
        return Rows(
            [row.line],
            [row.invoice],
            [row.kind],
            [row.refund_of or ""],
            [self.book.people[row.customer_id or ""]],
            [instant_of(row.placed_at)],
            [minor],
        )


def _are_names(texts: Sequence[str]) -> bool:
    """Whether they are surely names that `parse_row` takes."""
    together = "".join(texts)
    return (
        all(texts)
        and together.isprintable()
        and "~" not in together
        and max(map(len, texts), default=0) <= MAX_ID_LENGTH
    )
