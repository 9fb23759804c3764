"""Members of a shop that never was, for measuring: the same seed gives the same members.

Ten orders each on the average over 400 days, but few order much and most order little: the rate of
a member falls with their rank, so that the median is some three orders and the first have more than
a thousand. What an order costs is lognormal around 120.00. Of twenty orders one is refunded, mostly
in whole.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from siyu.domain import base32
from siyu.domain.figures import Figures

CHUNK = 20_000
ORDERS_EACH = 10
PERIOD_DAYS = 400
JOINED_DAYS = 800
STORES = 50
ID_CHARS = 13
# Ranks are spread over the numbers by a factor that has no divisor in common with their count.
SPREAD = 1_000_003
MEDIAN_MINOR = 12_000
MEMBER_SIGMA, ORDER_SIGMA = 0.5, 0.8
PAID, REFUNDED, IN_WHOLE = 0.97, 0.05, 0.7
# A member of a day in the middle of the period has half of it to order in.
_RATE = ORDERS_EACH * PAID / math.log(1_001) / (1 - PERIOD_DAYS / JOINED_DAYS / 2)


@dataclass(frozen=True, slots=True)
class Person:
    """A member with their purchases; days are day numbers."""

    member_id: str
    joined_day: int
    store: str
    orders: int
    figures: Figures


def chunks(count: int) -> list[range]:
    """The numbers of `count` members in parts that can be made apart."""
    return [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]


def people(numbers: range, count: int, seed: int, today: int) -> Iterator[Person]:
    """The members of one part, as of the end of a day."""
    draw = random.Random(f"{seed} {numbers.start}")
    for number in numbers:
        rank = number * SPREAD % count
        joined = today - int(draw.random() * JOINED_DAYS)
        first = max(joined, today - PERIOD_DAYS + 1)
        share = (today + 1 - first) / PERIOD_DAYS
        orders = _poisson(draw, _RATE * share * count / (rank + count / 1_000))
        member_id = base32.encode(draw.getrandbits(5 * ID_CHARS), ID_CHARS)
        store = f"S{int(draw.random() * STORES):02d}"
        figures = Figures(_buckets(draw, orders, first, today))
        yield Person(member_id, joined, store, orders, figures)


def _buckets(
    draw: random.Random, orders: int, first: int, today: int
) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    usual = MEDIAN_MINOR * math.exp(draw.gauss(0, MEMBER_SIGMA))
    for _ in range(orders):
        day = first + int(draw.random() * (today + 1 - first))
        net = max(int(usual * math.exp(draw.gauss(0, ORDER_SIGMA))), 1)
        if draw.random() < REFUNDED:
            if draw.random() < IN_WHOLE:
                continue
            net -= int(net * draw.random())
        count, total = found.get(day, (0, 0))
        found[day] = (count + 1, total + net)
    return found


def _poisson(draw: random.Random, rate: float) -> int:
    """By multiplying up to 30, by the normal curve above."""
    if rate > 30:
        return max(round(draw.gauss(rate, math.sqrt(rate))), 0)
    limit, product, count = math.exp(-rate), draw.random(), 0
    while product > limit:
        product *= draw.random()
        count += 1
    return count
