"""Day files of tills: CSV, a row for each thing that happened (docs/channels/csv.md)."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from siyu.channels.contract import Event
from siyu.channels.csv_rows import Rows, UnusableFileError
from siyu.channels.reading import NOT_UNDERSTOOD, instant, minor, part
from siyu.domain.calendar import to_utc
from siyu.errors import UnprocessableEventError

REQUIRED = ("kind", "order_id", "occurred_at")
AMOUNTS = ("amount", "amount_minor")
IDS = ("order_id", "refund_id", "buyer_id", "store_id", "till_id", "guide_id", "payment_id")
COLUMNS = (*REQUIRED, *AMOUNTS, *IDS[1:], "currency", "receipt_token")
OF_SALE = ("order_id", "buyer_id", "store_id", "till_id", "guide_id", "payment_id", "receipt_token")
OF_REFUND = ("order_id", "refund_id", "buyer_id")
_MINOR = re.compile(r"[0-9]{1,12}", re.ASCII)
# What a spreadsheet makes of a long number: many ids become one.
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+", re.ASCII)
_PATH = re.compile(r"order\.[a-z]+\.data\.")
_RULES = {
    "foreign_currency": "currency: not the brand's",
    "from_the_future": "occurred_at: later than the file",
}

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a file: the line that it begins in (the header is line 1) and its canonical event,
    or the reason why there is none. Reasons name columns and rules, never a value."""

    line: int
    event: Event | None = None
    reason: str = ""


def records(text: TextIO, currency: str) -> Iterator[Record]:
    """What the rows of a file say, in order; amounts that name no currency are in `currency`.

    The text is one of `csv_rows.open_text`. Raises UnusableFileError, before the first record when
    a column is missing, and where a compressed file is broken.
    """
    rows = Rows(text)
    names = _columns(rows.header)
    for row in rows:
        if row.reason:
            yield Record(row.line, reason=row.reason)
            continue
        cells = {name: cell for name, cell in zip(names, row.cells, strict=True) if cell}
        try:
            yield Record(row.line, _event(cells, currency))
        except UnprocessableEventError as error:
            yield Record(row.line, reason=error.detail)


def delivery_id(event: Event, key: bytes) -> str:
    """Names a delivery by its content, so that files may be sent twice and overlap.

    A keyed hash: the name stays for ever, and the content may hold a buyer's number.
    """
    return f"csv_{hmac.digest(key, body_of(event).encode(), hashlib.sha256).hex()[:40]}"


def body_of(event: Event) -> str:
    """The canonical text of an event, in ASCII."""
    return json.dumps(event, sort_keys=True, separators=(",", ":"))


def refusal_of(error: UnprocessableEventError) -> str:
    """Why an event of a file was refused, in the words of the file: columns, and their rules."""
    if error.reason != NOT_UNDERSTOOD:
        return _RULES.get(error.reason, error.reason)
    names = {"paid_minor": "amount", "refunded_minor": "amount"}
    parts = _PATH.sub("", error.detail).split("; ")
    return "; ".join(
        f"{names.get(name, name)}:{rule}" for name, _, rule in (one.partition(":") for one in parts)
    )


def _columns(header: Sequence[str]) -> Sequence[str]:
    """The names of the columns; raises UnusableFileError without repeating what it found: where a
    header is missing, that is somebody's data."""
    names = [name.lower() for name in header]
    missing = [name for name in REQUIRED if name not in names]
    if not set(AMOUNTS) & set(names):
        missing.append(" or ".join(AMOUNTS))
    if missing:
        joined = len(names) == 1 and any(mark in names[0] for mark in ";\t|")
        hint = "; commas must separate the cells" if joined else ""
        raise UnusableFileError(
            f"the first row must name the columns, and lacks {', '.join(missing)}{hint}"
        )
    twice = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
    if twice:
        raise UnusableFileError(f"column given twice: {', '.join(twice)}")
    return names


def _event(cells: Cells, currency: str) -> Event:
    """Raises UnprocessableEventError."""
    kind = part(cells, "kind").lower()
    if kind not in _KINDS:
        raise _wrong("kind", f"none of {', '.join(_KINDS)}")
    rounded = [name for name in IDS if _ROUNDED.fullmatch(cells.get(name, ""))]
    if rounded:
        raise _wrong(", ".join(rounded), "a number that a spreadsheet has rounded")
    return _KINDS[kind](cells, currency)


def _paid(cells: Cells, currency: str) -> Event:
    paid = {"paid_minor": _amount(cells, currency), "currency": cells.get("currency", currency)}
    return _said("order.paid", cells, OF_SALE, paid)


def _refunded(cells: Cells, currency: str) -> Event:
    """The amount is what this refund has given back in all so far."""
    amount = _amount(cells, currency)
    back = {"refunded_minor": amount, "currency": cells.get("currency", currency)}
    return _said("order.refunded", cells, OF_REFUND, back)


def _flag(kind: str) -> Callable[[Cells, str], Event]:
    """Of the order as a whole: an amount beside it says nothing."""
    return lambda cells, _currency: _said(kind, cells, ("order_id",), {})


_KINDS: Mapping[str, Callable[[Cells, str], Event]] = {
    "paid": _paid,
    "refund": _refunded,
    "cancel": _flag("order.cancelled"),
    "complete": _flag("order.completed"),
    "created": _flag("order.created"),
}


def _said(kind: str, cells: Cells, names: Sequence[str], more: Mapping[str, object]) -> Event:
    """An event of those cells that are filled in; its time is UTC, so that one instant is written
    in one way."""
    try:
        at = to_utc(instant(cells, "occurred_at")).isoformat()
    except OverflowError:
        raise _wrong("occurred_at", "not a time") from None
    told = {name: cells[name] for name in names if name in cells}
    return {"type": kind, "data": {**told, **more, "occurred_at": at}}


def _amount(cells: Cells, currency: str) -> int:
    given = [name for name in AMOUNTS if name in cells]
    if len(given) != 1:
        raise _wrong("amount", f"exactly one of {', '.join(AMOUNTS)} must be there")
    if given == ["amount"]:
        return minor(cells, "amount", cells.get("currency", currency))
    if not _MINOR.fullmatch(cells["amount_minor"]):
        raise _wrong("amount_minor", "not a whole number of minor units")
    return int(cells["amount_minor"])


def _wrong(column: str, rule: str) -> UnprocessableEventError:
    return UnprocessableEventError(NOT_UNDERSTOOD, f"{column}: {rule}")
