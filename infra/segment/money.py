"""Amounts as people read them; integers only."""

from __future__ import annotations

from siyu.domain.money import THOUSANDTHS, WHOLE


class Money:
    """Amounts of one currency in its major unit, exactly."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.places = 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2
        self._unit = 10**self.places

    def plain(self, minor: int) -> str:
        """-123456 is "-1234.56": for programs."""
        return self._text(minor, "d")

    def grouped(self, minor: int) -> str:
        """-123456 is "-1,234.56"."""
        return self._text(minor, ",")

    def whole(self, minor: int) -> str:
        """-123456 is "-1,235": for pictures, rounded half up."""
        size = (abs(minor) + self._unit // 2) // self._unit
        return f"{'-' if minor < 0 and size else ''}{size:,}"

    def _text(self, minor: int, form: str) -> str:
        sign = "-" if minor < 0 else ""
        if not self.places:
            return f"{sign}{abs(minor):{form}}"
        whole, rest = divmod(abs(minor), self._unit)
        return f"{sign}{whole:{form}}.{rest:0{self.places}d}"
