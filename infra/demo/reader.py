"""Reads the shop's order file; a bad row is reported and left out, never guessed at."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO, cast

from infra.demo.rows import AMOUNT_COLUMNS, BadRowError, Row, parse_row, refuse_repeated

COLUMNS = ("invoice", "kind", "refund_of", "customer_id", "placed_at")
GZIP_MAGIC = b"\x1f\x8b"


class UnusableFileError(Exception):
    """The file as a whole cannot be replayed; the text tells the shop owner why."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row left out; `record` counts the data rows from 1 and skips blank lines."""

    line: int
    record: int
    reason: str


@dataclass(frozen=True, slots=True)
class OrderFile:
    path: Path
    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...]
    currency: str
    limit: int | None


def is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == GZIP_MAGIC


def read_orders(path: Path, *, currency: str | None = None, limit: int | None = None) -> OrderFile:
    """Read at most `limit` data rows, in the order of the file. Raises UnusableFileError."""
    try:
        with _open(path) as stream:
            lines = _lines(stream)
            header = _header(next(lines, (0, []))[1])
            rows, bad = _rows(islice(lines, limit), header)
    except UnicodeDecodeError as error:
        raise UnusableFileError(f"{path}: not UTF-8 text ({error.reason})") from error
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableFileError(f"{path}: cannot be read ({error})") from error
    except UnusableFileError as error:
        raise UnusableFileError(f"{path}: {error}") from error
    if not rows:
        raise UnusableFileError(f"{path}: no usable row ({len(bad):,} bad)")
    amount = next(name for name in header if name in AMOUNT_COLUMNS)
    return OrderFile(path, tuple(rows), tuple(bad), currency or AMOUNT_COLUMNS[amount], limit)


def _open(path: Path) -> TextIO:
    if is_gzip(path):
        return cast("TextIO", gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


def _lines(stream: TextIO) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(stream, strict=True)
    try:
        for fields in reader:
            if fields:
                yield reader.line_num, fields
    except csv.Error as error:
        raise UnusableFileError(f"line {reader.line_num}: {error}") from error


def _header(names: Sequence[str]) -> Sequence[str]:
    missing = [name for name in COLUMNS if name not in names]
    amounts = [name for name in names if name in AMOUNT_COLUMNS]
    if not amounts:
        missing.append(" or ".join(AMOUNT_COLUMNS))
    if missing:
        found = ", ".join(names)[:200] or "none"
        raise UnusableFileError(f"missing column {', '.join(missing)} (found: {found})")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or len(amounts) > 1:
        raise UnusableFileError(f"column given twice: {', '.join(repeated or amounts)}")
    return names


def _rows(
    lines: Iterator[tuple[int, list[str]]], header: Sequence[str]
) -> tuple[list[Row], list[BadRow]]:
    rows: dict[str, Row] = {}
    bad: list[BadRow] = []
    for record, (line, fields) in enumerate(lines, start=1):
        try:
            row = _row(line, fields, header)
            refuse_repeated(row, rows.get(row.invoice))
        except BadRowError as error:
            bad.append(BadRow(line, record, str(error)))
        else:
            rows[row.invoice] = row
    return list(rows.values()), bad


def _row(line: int, fields: Sequence[str], header: Sequence[str]) -> Row:
    if len(fields) != len(header):
        raise BadRowError(f"{len(fields)} fields where the header has {len(header)}")
    value = {name: field.strip(" ") for name, field in zip(header, fields, strict=True)}
    return parse_row(line, value)
