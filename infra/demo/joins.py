"""Who joins when, and who brought whom: the synthetic part of the demo, drawn from a fixed seed.

The order file knows neither scans nor referrals, so both are invented here and labelled so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from infra.demo.rows import Row

FIRST_ORDER_SHARE = 0.60
EARLY_SCAN_SHARE = 0.05
REFERRED_SHARE = 0.30
SCAN_DELAY_SECONDS = (120, 2_700)
EARLY_SCAN_LEAD_SECONDS = (60, 180)
DELIVERY = timedelta(minutes=1)
LATE_DELIVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Join:
    """A customer scans the receipt of `order`; `early` means before the shop's webhook arrives."""

    at: datetime
    customer_id: str
    order: Row
    early: bool


def between(random: Random, bounds: tuple[int, int]) -> int:
    """Both ends included; only `Random.random`, whose sequence Python promises to keep."""
    low, high = bounds
    return low + int(random.random() * (high - low + 1))


def draw_joins(rows: Sequence[Row], seed: str) -> list[Join]:
    """One join for each customer with an order, in time order; `rows` in time order."""
    random = Random(f"{seed}:joins")
    orders: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.kind == "order" and row.customer_id is not None:
            orders[row.customer_id].append(row)
    joins = [_join(random, customer_id, orders[customer_id]) for customer_id in sorted(orders)]
    end = _last_delivery(rows, joins)
    held = (Join(min(join.at, end), join.customer_id, join.order, join.early) for join in joins)
    return sorted(held, key=lambda join: (join.at, join.customer_id))


def draw_referrers(joins: Sequence[Join], seed: str) -> Mapping[str, str]:
    """Referee -> referrer, who always joined earlier; a few referrers bring most (Zipf)."""
    random = Random(f"{seed}:referrals")
    order = sorted(range(len(joins)), key=lambda _: random.random())
    strength = {index: 1 / rank for rank, index in enumerate(order, start=1)}
    cumulated = list(accumulate(strength[index] for index in range(len(joins))))
    referrers: dict[str, str] = {}
    for index, join in enumerate(joins[1:], start=1):
        if random.random() < REFERRED_SHARE:
            point = random.random() * cumulated[index - 1]
            chosen = min(bisect_right(cumulated, point, hi=index), index - 1)
            referrers[join.customer_id] = joins[chosen].customer_id
    return referrers


def delivered_at(row: Row, late: Iterable[str]) -> datetime:
    return row.placed_at + (LATE_DELIVERY if row.invoice in late else DELIVERY)


def late_orders(joins: Iterable[Join]) -> frozenset[str]:
    return frozenset(join.order.invoice for join in joins if join.early)


def _join(random: Random, customer_id: str, orders: Sequence[Row]) -> Join:
    chosen = 0
    if random.random() >= FIRST_ORDER_SHARE and len(orders) > 1:
        chosen = between(random, (1, len(orders) - 1))
    order = orders[chosen]
    early = random.random() < EARLY_SCAN_SHARE
    if early:
        lead = timedelta(seconds=between(random, EARLY_SCAN_LEAD_SECONDS))
        return Join(order.placed_at + LATE_DELIVERY - lead, customer_id, order, early)
    delay = timedelta(seconds=between(random, SCAN_DELAY_SECONDS))
    return Join(order.placed_at + delay, customer_id, order, early)


def _last_delivery(rows: Iterable[Row], joins: Iterable[Join]) -> datetime:
    late = late_orders(joins)
    return max(delivered_at(row, late) for row in rows)
