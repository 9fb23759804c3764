"""The lines of one night: what has to be surpassed for each score and for the high side of a group.

All lines are integers and all comparisons strict, so they are exact. An integer is above a mean or
an interpolated quantile exactly if it is above that number rounded down.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from siyu.domain.quantiles import (
    Bucketed,
    Counted,
    Distribution,
    buckets,
    inverted_cdf,
    linear,
    linear_ranks,
    rank_of,
)
from siyu.domain.schemes import QUINTILES, High, Rule, Scheme

MEDIAN = 50


@dataclass(frozen=True, slots=True)
class CutPoints:
    """What a scheme's night published. Recency lines are days since the last purchase, downwards: a
    member is beyond one with fewer days. `high` are the lines of the value groups (days, orders,
    minor units). Below the least population there are none."""

    scheme: str
    version: int
    as_of: date
    population: int
    recency: tuple[int, ...] = ()
    frequency: tuple[int, ...] = ()
    monetary: tuple[int, ...] = ()
    high: tuple[int, int, int] | None = None
    super_user_minor: int | None = None
    key_care_orders: int | None = None


@dataclass
class Tally:
    """What was counted of a population: the members who bought in the window. Tallies of parts of
    it add up to the tally of the whole."""

    last_days: Counter[int] = field(default_factory=Counter)
    orders: Counter[int] = field(default_factory=Counter)
    net_buckets: Counter[int] = field(default_factory=Counter)
    net_total: int = 0

    def count(self, last_days: Sequence[int], orders: Sequence[int], net: Sequence[int]) -> None:
        """Count some members: day numbers, orders and minor units, member by member."""
        self.last_days.update(last_days)
        self.orders.update(orders)
        self.net_buckets.update(buckets(net))
        self.net_total += sum(net)

    def add(self, other: "Tally") -> None:
        """Add the tally of other members."""
        self.last_days.update(other.last_days)
        self.orders.update(other.orders)
        self.net_buckets.update(other.net_buckets)
        self.net_total += other.net_total

    @property
    def population(self) -> int:
        return self.last_days.total()


def buckets_to_open(tally: Tally, scheme: Scheme) -> frozenset[int]:
    """The buckets of net sales to look into before `cut` can draw the lines."""
    count = tally.population
    if count < max(scheme.min_population, 1):
        return frozenset()
    lines = scheme.own_lines.monetary if scheme.own_lines else ()
    values = Bucketed(tally.net_buckets, tally.net_total)
    return values.buckets_of(_money_ranks(scheme, count), lines)


def cut(tally: Tally, opened: Counter[int], scheme: Scheme, as_of: date) -> CutPoints:
    """Draw the lines. `opened` are the counted net sales in `buckets_to_open`."""
    count = tally.population
    if count < max(scheme.min_population, 1):
        return CutPoints(scheme.name, scheme.version, as_of, count)
    today = as_of.toordinal()
    days, orders = Counted(tally.last_days), Counted(tally.orders)
    net = Bucketed(tally.net_buckets, tally.net_total, opened)
    drawn = _drawn(scheme, today, days, orders, net)
    own = _own_high(scheme, today)
    day_line = _high(scheme, days, drawn[0], own[0])
    order_line = _high(scheme, orders, drawn[1], own[1])
    net_line = _high(scheme, net, drawn[2], own[2])
    return CutPoints(
        scheme.name,
        scheme.version,
        as_of,
        count,
        tuple(today - line for line in drawn[0]),
        drawn[1],
        drawn[2],
        (today - day_line, order_line, net_line),
        net.at(_top_rank(scheme.super_user_percent, count)),
        max(orders.at(_top_rank(scheme.key_care_percent, count)), 2),
    )


def _drawn(
    scheme: Scheme, today: int, *values: Distribution
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The lines of R, F and M upwards; those of R as day numbers."""
    own = scheme.own_lines
    if scheme.rule is Rule.OWN and own is not None:
        days = tuple(sorted(today - line for line in own.recency))
        return days, tuple(sorted(own.frequency)), tuple(sorted(own.monetary))
    quantile = linear if scheme.rule is Rule.LINEAR else inverted_cdf
    first, second, third = (tuple(quantile(one, q) for q in QUINTILES) for one in values)
    return first, second, third


def _high(scheme: Scheme, values: Distribution, lines: tuple[int, ...], own: int | None) -> int:
    """What a value has to be above to be on the high side."""
    if scheme.high is High.OWN and own is not None:
        return own
    if scheme.high is High.MEAN:
        return values.total // values.count
    if scheme.high is High.MEDIAN:
        return (linear if scheme.rule is Rule.LINEAR else inverted_cdf)(values, MEDIAN)
    # A score is one more than the lines below a value, so the scores' sum needs no list of them.
    scores = values.count + sum(values.count - values.up_to(line) for line in lines)
    least = scores // values.count + 1
    return lines[least - 2] if least - 2 < len(lines) else values.at(values.count)


def _own_high(scheme: Scheme, today: int) -> tuple[int | None, int | None, int | None]:
    if scheme.own_high is None:
        return None, None, None
    days, orders, net = scheme.own_high
    return today - days, orders, net


def _money_ranks(scheme: Scheme, count: int) -> Iterator[int]:
    """The ranks of net sales that the lines stand on; the last for a mean score of five."""
    yield count
    yield _top_rank(scheme.super_user_percent, count)
    percents: Iterable[int] = (*QUINTILES, MEDIAN)
    for percent in percents:
        yield rank_of(percent, count)
        yield from linear_ranks(percent, count)


def _top_rank(percent: int, count: int) -> int:
    """The rank that closes the top: whoever ties with it is in."""
    return count - rank_of(percent, count) + 1
