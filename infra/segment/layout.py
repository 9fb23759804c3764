"""Which column of an order file says what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.codes.table import UnusableFileError
from infra.demo.rows import AMOUNT_COLUMNS

NEEDED = ("invoice", "customer_id", "placed_at")
OPTIONAL = {"kind": "order", "refund_of": ""}
"""Column -> what every row says when there is none: a file of sales alone has neither."""
DECIMAL = "amount"
AMOUNTS: Mapping[str, str] = {**AMOUNT_COLUMNS, DECIMAL: "CNY"}
"""Amount column -> the currency it stands for unless the caller names another."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of the columns, `width` columns in all; `amount` is the name of the amount's."""

    places: Mapping[str, int]
    width: int
    amount: str
    currency: str

    @classmethod
    def of_header(cls, header: Sequence[str], currency: str | None) -> Layout:
        """Raises UnusableFileError."""
        names = [name.strip("\ufeff \t").lower() for name in header]
        amounts = [name for name in names if name in AMOUNTS]
        missing = [name for name in NEEDED if name not in names]
        if not amounts:
            missing.append(" or ".join(AMOUNTS))
        if missing:
            found = ", ".join(names)[:200] or "none"
            hint = "; commas must separate the cells" if any(c in found for c in ";\t") else ""
            raise UnusableFileError(f"missing column {', '.join(missing)} (found: {found}{hint})")
        known = (*NEEDED, *OPTIONAL)
        twice = [name for name in known if names.count(name) > 1]
        if twice or len(amounts) > 1:
            raise UnusableFileError(f"column given twice: {', '.join(twice or amounts)}")
        places = {name: names.index(name) for name in (*known, *amounts) if name in names}
        return cls(places, len(names), amounts[0], currency or AMOUNTS[amounts[0]])

    def column(self, columns: Sequence[Sequence[str]], name: str) -> list[str]:
        """The cells of a column without blanks around them; those of an absent one."""
        if name not in self.places:
            return [OPTIONAL[name]] * len(columns[0])
        return list(map(str.strip, columns[self.places[name]]))
