"""The rows of an order file by column, and whether a row is there already."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from infra.demo.rows import BadRowError
from infra.segment.cells import Buyers


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows, column by column; instants are microseconds, amounts minor units above 0.

    `buyers` are numbers, -1 for nobody; `refund_of` is "" where there is none.
    """

    lines: Sequence[int]
    invoices: Sequence[str]
    kinds: Sequence[str]
    refund_of: Sequence[str]
    buyers: Sequence[int]
    instants: Sequence[int]
    amounts: Sequence[int]


@dataclass
class Book:
    """All usable rows. `invoices` has the place of each; `refunds` has what those rows take back
    that are refunds, "" if they do not say."""

    currency: str
    people: Buyers = field(default_factory=Buyers)
    invoices: dict[str, int] = field(default_factory=dict)
    refunds: dict[int, str] = field(default_factory=dict)
    lines: array[int] = field(default_factory=lambda: array("q"))
    buyers: array[int] = field(default_factory=lambda: array("q"))
    instants: array[int] = field(default_factory=lambda: array("q"))
    amounts: array[int] = field(default_factory=lambda: array("q"))
    bad: list[tuple[int, str]] = field(default_factory=list)
    repeated: int = 0

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, rows: Rows) -> bool:
        """Add rows; False, and none is added, if an invoice of theirs is there or comes twice."""
        begin = len(self)
        places = range(begin, begin + len(rows.lines))
        # Asking and adding in one go: in a large file each costs a look into distant memory.
        found = list(map(self.invoices.setdefault, rows.invoices, places))
        if found != list(places):
            for invoice, place, mine in zip(rows.invoices, found, places, strict=True):
                if place == mine:
                    del self.invoices[invoice]
            return False
        self.lines.extend(rows.lines)
        self.buyers.extend(rows.buyers)
        self.instants.extend(rows.instants)
        self.amounts.extend(rows.amounts)
        if "refund" in rows.kinds:
            self.refunds.update(
                (begin + at, rows.refund_of[at])
                for at, kind in enumerate(rows.kinds)
                if kind == "refund"
            )
        return True

    def add_or_refuse(self, row: Rows) -> None:
        """Add one row, or count it as repeated. Raises BadRowError when its invoice has other
        content."""
        if self.add(row):
            return
        earlier = self.invoices[row.invoices[0]]
        if self._content(earlier) == _content(row):
            self.repeated += 1
        else:
            raise BadRowError(
                f"invoice already used by line {self.lines[earlier]} with other content"
            )

    def _content(self, at: int) -> tuple[object, ...]:
        """What a row says besides its invoice."""
        what = self.buyers[at], self.instants[at], self.amounts[at]
        return (self.refunds.get(at), *what)


def _content(row: Rows) -> tuple[object, ...]:
    back = row.refund_of[0] if row.kinds[0] == "refund" else None
    return back, row.buyers[0], row.instants[0], row.amounts[0]
