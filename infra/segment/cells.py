"""What cells say, remembered: the same days, clocks, amounts and buyers come over and over.

All of them raise BadRowError for a cell that says nothing of use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from infra.demo.figures import LOCAL_TIME
from infra.demo.rows import MAX_AMOUNT_MINOR, MAX_ID_LENGTH, BadRowError, moment_of
from infra.segment.layout import DECIMAL
from siyu.domain.money import to_minor

NOBODY = -1
DAY_MICROSECONDS = 86_400_000_000
# More clocks than a day has seconds are fractions of them, which do not come again.
MOST_REMEMBERED = 500_000
_ANY_DAY = "2004-06-15"
_MIDNIGHT = date.fromisoformat(_ANY_DAY).toordinal() * DAY_MICROSECONDS
_SPREADSHEET = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(.*))?", re.ASCII
)


def usual_time(text: str) -> str:
    """A day without a clock, and what spreadsheets make of a time (`2026/3/1 9:05`), as we write
    it. The year comes first, so there is nothing to guess."""
    found = _SPREADSHEET.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, minute, rest = found.groups(default="")
    return f"{year}-{month:0>2}-{day:0>2} {hour:0>2}:{minute:0>2}{rest}"


def instant_of(moment: datetime) -> int:
    """Microseconds of the brand's clock, so that days begin at multiples of a day."""
    local = moment.astimezone(LOCAL_TIME)
    seconds = (local.hour * 60 + local.minute) * 60 + local.second
    return local.toordinal() * DAY_MICROSECONDS + seconds * 1_000_000 + local.microsecond


def minor_of(text: str, name: str, currency: str) -> int:
    """Minor units of an amount cell in the column `name`."""
    try:
        if name == DECIMAL:
            minor = to_minor(text, currency)
        else:
            minor = int(text) if text.isascii() and text.isdigit() else 0
    except ValueError:
        minor = 0
    if not 0 < minor <= MAX_AMOUNT_MINOR:
        much = "an amount such as 12.50" if name == DECIMAL else "a whole number"
        raise BadRowError(
            f"{name} {text[:40]!r} is not {much} in {currency}, above 0 and up to "
            f"{MAX_AMOUNT_MINOR:,} minor units"
        )
    return minor


class Remembered(dict[str, int]):
    """Answers by text; `answer` is asked for those that were not asked for before."""

    def __init__(self, answer: Callable[[str], int]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, text: str) -> int:
        found = self._answer(text)
        if len(self) < MOST_REMEMBERED:
            self[text] = found
        return found


class Moments:
    """Instants of many cells, put together from the day and the clock."""

    def __init__(self) -> None:
        self._days = Remembered(self._day)
        self._clocks = Remembered(self._clock)

    def __call__(self, texts: list[str]) -> list[int]:
        days, clocks = self._days, self._clocks
        mark = "T" if "T" in texts[0] else " "
        parts = [text.partition(mark) for text in texts]
        return [days[day] + clocks[clock] for day, _, clock in parts]

    @staticmethod
    def _day(text: str) -> int:
        if ":" in text:
            raise BadRowError("a clock where a day should be")
        return instant_of(moment_of(usual_time(text)))

    @staticmethod
    def _clock(text: str) -> int:
        """From midnight; below 0 or beyond a day where the zone is another."""
        day = f"{_ANY_DAY} {text}" if text else _ANY_DAY
        return instant_of(moment_of(usual_time(day))) - _MIDNIGHT


class Amounts:
    """Minor units of many cells of one column."""

    def __init__(self, name: str, currency: str) -> None:
        self._decimal = name == DECIMAL
        self._known = Remembered(lambda text: minor_of(text, name, currency))

    def __call__(self, texts: list[str]) -> list[int]:
        together = "".join(texts)
        if not self._decimal and together.isascii() and together.isdigit() and all(texts):
            minor = list(map(int, texts))
            if min(minor) > 0 and max(minor) <= MAX_AMOUNT_MINOR:
                return minor
        return list(map(self._known.__getitem__, texts))


class Buyers(dict[str, int]):
    """A number for each customer, `NOBODY` for none."""

    def __init__(self) -> None:
        super().__init__({"": NOBODY})

    def __missing__(self, text: str) -> int:
        if len(text) > MAX_ID_LENGTH or text.startswith("~") or not text.isprintable():
            raise BadRowError("customer_id")
        found = self[text] = len(self) - 1
        return found
