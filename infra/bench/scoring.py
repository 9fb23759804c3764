"""The same labels in plain Python, member by member, as one would write them: what boto3 users do.

It shares nothing with the product but the rules (docs/domain-rules.md), so it is also what the
tests hold the product against.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Lines(NamedTuple):
    """What a night is cut by."""

    r: Sequence[int]
    f: Sequence[int]
    m: Sequence[int]
    means: tuple[float, ...]
    top: int
    care: int


class Row(NamedTuple):
    """What is needed of a member; days are day numbers, 0 for no purchase."""

    member: str
    version: int
    joined: int
    last: int
    orders: int
    net: int
    label: tuple[str, str, str]


def row(item: dict[str, Any]) -> Row:
    """Of an item of 22 attributes as boto3 gives it."""
    return Row(
        item["SK"],
        int(item["version"]),
        int(item["joined_day"]),
        int(item["last_day"]),
        int(item["orders"]),
        int(item["net_minor"]),
        (item["stage"], item["value_group"], item["aipl"]),
    )


def lines(rows: Iterable[Row]) -> Lines:
    """Quintiles, means of the scores, and the ends of the two tops."""
    bought = [one for one in rows if one.orders > 0]
    days, orders, net = (
        sorted(getattr(one, name) for one in bought) for name in ("last", "orders", "net")
    )
    r, f, m = ([_at(one, percent) for percent in (20, 40, 60, 80)] for one in (days, orders, net))
    scores = [(_score(r, one.last), _score(f, one.orders), _score(m, one.net)) for one in bought]
    sums = [sum(column) / len(bought) for column in zip(*scores, strict=True)]
    top = net[len(net) - -(-len(net) * 10 // 100)]
    care = max(orders[len(orders) - -(-len(orders) * 30 // 100)], 2)
    return Lines(r, f, m, tuple(sums), top, care)


def label(one: Row, cuts: Lines, today: int) -> tuple[str, str, str]:
    """Stage, value group and AIPL stage."""
    if one.last == 0:
        return ("new", "-", "interest") if today - one.joined <= 30 else ("prospect", "-", "aware")
    idle = today - one.last
    loyal = one.orders >= 2 and idle <= 365
    return _stage(one, cuts, idle), _group(one, cuts), "loyalty" if loyal else "purchase"


def _stage(one: Row, cuts: Lines, idle: int) -> str:
    if idle > 180:
        return "lost" if idle > 365 else "dormant"
    if one.net >= cuts.top:
        return "super_user"
    if one.orders >= cuts.care:
        return "key_care"
    if one.orders <= 1:
        return "first_purchase"
    return f"repurchase_{one.orders - 1}" if one.orders <= 5 else "repurchase_5_or_more"


def _group(one: Row, cuts: Lines) -> str:
    recent = _score(cuts.r, one.last) > cuts.means[0]
    often = _score(cuts.f, one.orders) > cuts.means[1]
    much = _score(cuts.m, one.net) > cuts.means[2]
    side = "important" if much else "general"
    if recent:
        return f"{side}_value" if often else f"{side}_develop"
    return f"{side}_keep" if often else f"{side}_win_back"


def _score(cuts: Sequence[int], value: int) -> int:
    return 1 + bisect_left(cuts, value)


def _at(values: Sequence[int], percent: int) -> int:
    return values[-(-len(values) * percent // 100) - 1]
