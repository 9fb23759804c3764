"""A sentence that says why a customer stands where they stand, with every number and line.

All of it comes from `siyu.domain.segment_reasons`. Customers of one number of `Placing` are beyond
the same lines, so a sentence is written once for each number, with places for the three values.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby

from infra.segment.money import Money
from infra.segment.scoring import Scored
from siyu.domain.segment_reasons import Reason, reasons

DAYS, ORDERS, NET = "{0}", "{1}", "{2}"
HIGH = {
    "idle_days": ("recent", "not recent"),
    "orders": ("frequent", "not frequent"),
    "net_minor": ("high spend", "low spend"),
}


class Whys:
    """Sentences, to be filled with days (since the last purchase, else since the first order),
    orders and net sales."""

    def __init__(self, scored: Scored, money: Money) -> None:
        self._scored, self._money = scored, money
        window = scored.scheme.window_days
        self._window = "" if window is None else f" in {window} days"

    def sentence(self, at: int) -> str:
        """The sentence of the customer at a place, for all with the same number."""
        measure, scored = self._scored.measure(at), self._scored
        told = reasons(measure, scored.scheme, scored.cuts, scored.as_of)
        by_part = {what: list(some) for what, some in groupby(told, lambda one: one.what)}
        parts = [
            self._figures(by_part, bought=measure.last_day is not None),
            self._group(by_part["group"]),
            self._stage(by_part["stage"][-1]),
            self._aipl(by_part["aipl"]),
        ]
        return "; ".join(filter(None, parts))

    def _figures(self, by_part: dict[str, list[Reason]], *, bought: bool) -> str:
        if not bought:
            return f"no purchase that stands, first order {DAYS} ago, net {NET}"
        texts = (f"bought {DAYS} ago", f"{ORDERS}{self._window}", f"net {NET}")
        scores = ("recency", "frequency", "monetary")
        return ", ".join(
            text + "".join(map(self._score, by_part.get(what, ())))
            for text, what in zip(texts, scores, strict=True)
        )

    def _score(self, one: Reason) -> str:
        beyond = "under" if one.sign == "<" else "over"
        passed = None if one.line is None else f"{beyond} {self._line(one, one.line)}"
        ahead = None if one.next_line is None else f"not {beyond} {self._line(one, one.next_line)}"
        lines = ", ".join(filter(None, (passed, ahead)))
        return f" ({one.what[0].upper()}{one.outcome}: {lines})"

    def _group(self, sides: Sequence[Reason]) -> str:
        first = sides[0]
        if first.rule == "high":
            told = ", ".join(map(self._side, sides))
            return f"{first.outcome}: {told}"
        if first.of == "population":
            return f"not scored: {first.value:,} bought, {first.line:,} are needed"
        return f"not scored: no order{self._window}" if first.of == "orders" else ""

    def _side(self, one: Reason) -> str:
        beyond = "under" if one.sign == "<" else "over"
        line = self._line(one, one.line or 0)
        return f"{HIGH[one.of][not one.holds]} ({'' if one.holds else 'not '}{beyond} {line})"

    def _stage(self, one: Reason) -> str:
        scheme, line = self._scored.scheme, one.line or 0
        if one.rule in ("lost", "dormant"):
            return f"{one.outcome}: over {days_text(line)}"
        if one.rule == "super_user":
            top = scheme.super_user_percent
            return f"super_user: top {top} % by net sales ({self._line(one, line)} or more)"
        if one.rule == "key_care":
            top = scheme.key_care_percent
            return f"key_care: top {top} % by orders ({line:,} or more)"
        if one.rule == "new":
            return f"{one.outcome}: {'' if one.holds else 'not '}within {days_text(line)}"
        more = " or more" if one.outcome.endswith("_or_more") else ""
        return f"{one.outcome}: {orders_text(line)}{more} ever"

    def _aipl(self, told: Sequence[Reason]) -> str:
        orders = told[0]
        if orders.rule != "loyal":
            return str(orders.outcome)
        failed = next((one for one in told if not one.holds), None)
        if failed is None:
            return f"loyalty: {orders_text(orders.line or 0)} or more{self._window}, not lost"
        if failed is orders:
            return f"purchase: under {orders_text(orders.line or 0)}{self._window}"
        return f"purchase: lost, over {days_text(failed.line or 0)}"

    def _line(self, one: Reason, line: int) -> str:
        if one.of == "idle_days":
            return days_text(line)
        return self._money.grouped(line) if one.of == "net_minor" else f"{line:,}"


@cache
def days_text(days: int) -> str:
    """Such as "1 day"."""
    return f"{days:,} day{'' if days == 1 else 's'}"


@cache
def orders_text(orders: int) -> str:
    """Such as "2 orders"."""
    return f"{orders:,} order{'' if orders == 1 else 's'}"
