"""One row of a file, cell by cell; every problem is kept, so that one reading names them all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

from siyu.domain.codes import DAY_CHARS, EPOCH

MAX_TEXT = 64
# Day number 0 means "no end" in a token, so the first day that one can hold is the next.
FIRST_DAY, LAST_DAY = EPOCH + timedelta(days=1), EPOCH + timedelta(days=32**DAY_CHARS - 1)

_NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cells:
    """A row's cells by column; a column that the file does not have is empty."""

    values: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def raw(self, name: str) -> str:
        return self.values.get(name, "")

    def text(self, name: str) -> str | None:
        value = self.raw(name)
        if len(value) > MAX_TEXT or not value.isprintable():
            self.problems.append(f"{name} is longer than {MAX_TEXT} characters or not printable")
        return value or None

    def number(self, name: str, least: int, most: int) -> int | None:
        value = self.raw(name)
        if not value:
            return None
        if _NUMBER.fullmatch(value) and least <= int(value) <= most:
            return int(value)
        self.problems.append(
            f"{name} {value[:40]!r} is not a whole number from {least:,} to {most:,}"
        )
        return None

    def day(self, name: str) -> date | None:
        value = self.raw(name)
        if not value:
            return None
        with suppress(ValueError):
            day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
            if day and FIRST_DAY <= day <= LAST_DAY:
                return day
        self.problems.append(f"{name} {value[:40]!r} is not a day such as 2026-11-22")
        return None
