"""One row of a shop's order file: what makes it usable, and why it is left out when it is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from infra.demo.figures import LOCAL_TIME

Kind = Literal["order", "refund"]
AMOUNT_COLUMNS = {"amount_pence": "GBP", "amount_minor": "CNY"}
"""Amount column -> the currency it stands for unless the caller names another."""
MAX_AMOUNT_MINOR = 10**9
MAX_ID_LENGTH = 64
# A receipt's day is counted from 2000-01-01 in 15 bits.
FIRST_YEAR, LAST_YEAR = 2001, 2088

_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_AMOUNT = re.compile(r"[0-9]{1,12}", re.ASCII)


class BadRowError(Exception):
    """One row cannot be used; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One order or refund; `line` is the line in the file, `amount_minor` is above zero."""

    line: int
    invoice: str
    kind: Kind
    refund_of: str | None
    customer_id: str | None
    placed_at: datetime
    amount_minor: int

    def content(self) -> tuple[object, ...]:
        return (self.kind, self.refund_of, self.customer_id, self.placed_at, self.amount_minor)


def parse_row(line: int, value: Mapping[str, str]) -> Row:
    """Raises BadRowError."""
    kind = value["kind"]
    if kind not in ("order", "refund"):
        raise BadRowError(f"kind is {kind[:40]!r}, not order or refund" if kind else "no kind")
    invoice = _identifier(value, "invoice")
    if invoice is None:
        raise BadRowError("no invoice")
    refund_of = _identifier(value, "refund_of")
    if refund_of == invoice:
        raise BadRowError("refund_of is the row's own invoice")
    if refund_of is not None and kind == "order":
        raise BadRowError("an order cannot have refund_of")
    customer_id = _identifier(value, "customer_id")
    placed_at, amount = moment_of(value["placed_at"]), _amount(value)
    return Row(line, invoice, cast("Kind", kind), refund_of, customer_id, placed_at, amount)


def refuse_repeated(row: Row, earlier: Row | None) -> None:
    """Raises BadRowError when `earlier` already has the invoice."""
    if earlier is None:
        return
    if earlier.content() == row.content():
        raise BadRowError(f"repeated: same as line {earlier.line}")
    raise BadRowError(f"invoice already used by line {earlier.line} with other content")


def _identifier(value: Mapping[str, str], name: str) -> str | None:
    text = value[name]
    if len(text) > MAX_ID_LENGTH or text.startswith("~") or not text.isprintable():
        raise BadRowError(f"{name} is longer than {MAX_ID_LENGTH}, not printable or begins with ~")
    return text or None


def moment_of(text: str) -> datetime:
    """Without a zone it is Asia/Shanghai. Raises BadRowError."""
    try:
        moment = datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        raise BadRowError(f"placed_at {text[:40]!r} is not a time such as 2010-12-01T08:26:00")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadRowError(f"placed_at {text!r} is outside {FIRST_YEAR}-{LAST_YEAR}")
    return moment.replace(tzinfo=LOCAL_TIME) if moment.tzinfo is None else moment


def _amount(value: Mapping[str, str]) -> int:
    name = next(name for name in AMOUNT_COLUMNS if name in value)
    text = value[name]
    if not _AMOUNT.fullmatch(text) or not 0 < int(text) <= MAX_AMOUNT_MINOR:
        raise BadRowError(
            f"{name} {text[:40]!r} is not a whole number of 1 to {MAX_AMOUNT_MINOR:,}"
        )
    return int(text)
