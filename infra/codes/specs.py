"""Reads the CSV file that orders a batch of codes; a bad row is named with all its problems."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.codes.cells import Cells
from infra.codes.table import read_rows
from siyu.domain import base32
from siyu.domain.codes import STORE_CHARS
from siyu.domain.coupons import Benefit
from siyu.domain.issued_codes import CodeSpec, IssuedKind

REQUIRED_COLUMNS = ("kind", "store")
BENEFIT_COLUMNS = ("value_minor", "min_spend_minor", "valid_days")
COLUMNS = (
    *REQUIRED_COLUMNS,
    *("guide", "channel", "label", "benefit"),
    *BENEFIT_COLUMNS,
    *("quota", "valid_from", "valid_until"),
)
MAX_NUMBER = 10**9
MAX_VALID_DAYS = 3_650

_BENEFIT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A row that asks for a code; the header is line 1."""

    line: int
    spec: CodeSpec


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row left out; the header is line 1."""

    line: int
    reasons: tuple[str, ...]


def read_specs(path: Path) -> tuple[list[GoodRow], list[BadRow]]:
    """The good rows in the order of the file, and the bad ones. Raises UnusableFileError."""
    good: list[GoodRow] = []
    bad: list[BadRow] = []
    for line, cells in read_rows(path, REQUIRED_COLUMNS, COLUMNS):
        spec = read_spec(cells)
        if spec is None:
            bad.append(BadRow(line, tuple(cells.problems)))
        else:
            good.append(GoodRow(line, spec))
    return good, bad


def read_spec(cells: Cells) -> CodeSpec | None:
    """What a row asks for; None when the row has problems, which are in `cells` then."""
    kind, store, guide = _kind(cells), _store(cells), cells.text("guide")
    channel, label = cells.text("channel"), cells.text("label")
    benefit, quota = read_benefit(cells), cells.number("quota", 1, MAX_NUMBER)
    valid_from, valid_until = cells.day("valid_from"), cells.day("valid_until")
    if kind is IssuedKind.GUIDE and guide is None:
        cells.problems.append("no guide, though the kind is guide")
    if valid_from and valid_until and valid_until < valid_from:
        cells.problems.append("valid_until is before valid_from")
    if kind is None or cells.problems:
        return None
    return CodeSpec(kind, store, guide, channel, label, benefit, quota, valid_from, valid_until)


def _kind(cells: Cells) -> IssuedKind | None:
    text = cells.raw("kind")
    try:
        return IssuedKind(text)
    except ValueError:
        known = ", ".join(IssuedKind)
        cells.problems.append(f"kind is {text[:40]!r}, not one of {known}" if text else "no kind")
        return None


def _store(cells: Cells) -> str:
    text = cells.raw("store")
    if len(text) == STORE_CHARS:
        # As in a token: lower case and the usual misreadings are forgiven.
        with suppress(ValueError):
            return base32.encode(base32.decode(text), STORE_CHARS)
    cells.problems.append(
        f"store {text[:40]!r} is not 3 characters of {base32.ALPHABET}" if text else "no store"
    )
    return text


def read_benefit(cells: Cells) -> Benefit | None:
    """The coupon that a row promises, if any; without meaning once `cells` has problems."""
    name = cells.raw("benefit")
    value = cells.number("value_minor", 1, MAX_NUMBER)
    min_spend = cells.number("min_spend_minor", 0, MAX_NUMBER)
    valid_days = cells.number("valid_days", 1, MAX_VALID_DAYS)
    if not name:
        alone = [column for column in BENEFIT_COLUMNS if cells.raw(column)]
        if alone:
            cells.problems.append(f"{', '.join(alone)} without benefit")
        return None
    if not _BENEFIT_NAME.fullmatch(name):
        cells.problems.append(f"benefit {name[:40]!r} is not up to 40 of a-z, 0-9, - and _")
    missing = [column for column in ("value_minor", "valid_days") if not cells.raw(column)]
    if missing:
        cells.problems.append(f"no {' and no '.join(missing)}, though there is a benefit")
    if value is None or valid_days is None:
        return None
    return Benefit(name, value, min_spend or 0, valid_days)
