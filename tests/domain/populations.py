"""Random schemes and members, and what the definitions make of them with exact fractions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st

from siyu.domain.cut_points import CutPoints, Tally, buckets_to_open, cut
from siyu.domain.quantiles import values_in
from siyu.domain.schemes import QUINTILES, Cutting, High, Lines, Rule, Scheme
from siyu.domain.segments import Measure

# Populations take a while on a machine that others use too.
patient = settings(deadline=None)
NIGHT = date(2026, 11, 22)
TODAY = NIGHT.toordinal()

amounts = st.one_of(
    st.integers(-3_000, 3_000), st.integers(-(10**9), 10**9), st.sampled_from([0, 1, 255, 256, 257])
)
days = st.integers(TODAY - 400, TODAY)


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    """Anybody: who never bought, who bought outside the window, who bought."""
    joined = draw(st.integers(TODAY - 500, TODAY))
    if draw(st.integers(0, 9)) == 0:
        return Measure(None, 0, draw(amounts), 0, joined)
    orders = draw(st.integers(0, 6))
    ever = orders + draw(st.integers(0 if orders else 1, 3))
    return Measure(draw(days), orders, draw(amounts), ever, joined)


buyers = st.builds(
    lambda day, orders, net, more: Measure(day, orders, net, orders + more, TODAY - 450),
    days,
    st.integers(1, 6),
    amounts,
    st.integers(0, 3),
)
four_days = st.lists(st.integers(0, 400), min_size=4, max_size=4)
four_orders = st.lists(st.integers(0, 8), min_size=4, max_size=4)
four_amounts = st.lists(st.integers(0, 10**6), min_size=4, max_size=4)
own_lines = st.builds(
    lambda recency, frequency, monetary: Lines(
        tuple(sorted(recency, reverse=True)), tuple(sorted(frequency)), tuple(sorted(monetary))
    ),
    four_days,
    four_orders,
    four_amounts,
)


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """Any scheme that can be published."""
    rule, high = draw(st.sampled_from(Rule)), draw(st.sampled_from(High))
    dormant = draw(st.integers(0, 300))
    own_high = st.tuples(st.integers(0, 400), st.integers(0, 8), st.integers(0, 10**6))
    return Scheme(
        "drawn",
        window_days=draw(st.sampled_from([None, 30, 90, 365])),
        rule=rule,
        own_lines=draw(own_lines) if rule is Rule.OWN else None,
        high=high,
        own_high=draw(own_high) if high is High.OWN else None,
        cutting=draw(st.sampled_from(Cutting)),
        min_population=draw(st.sampled_from([1, 1, 1, 5, 20])),
        super_user_percent=draw(st.integers(1, 100)),
        key_care_percent=draw(st.integers(1, 100)),
        new_days=draw(st.integers(0, 60)),
        dormant_days=dormant,
        lost_days=dormant + draw(st.integers(0, 200)),
        loyal_orders=draw(st.integers(1, 5)),
    )


def bought(members: Sequence[Measure]) -> list[Measure]:
    """The population: who bought in the window."""
    return [one for one in members if one.orders > 0]


def tally_of(members: Sequence[Measure]) -> Tally:
    tally = Tally()
    inside = bought(members)
    tally.count(
        [one.last_day or 0 for one in inside],
        [one.orders for one in inside],
        [one.net_minor for one in inside],
    )
    return tally


def cuts_of(members: Sequence[Measure], scheme: Scheme, as_of: date = NIGHT) -> CutPoints:
    """The lines of some members, as a night draws them."""
    tally = tally_of(members)
    net = [one.net_minor for one in bought(members)]
    return cut(tally, values_in(net, buckets_to_open(tally, scheme)), scheme, as_of)


def quantile(values: Sequence[int], percent: int, rule: Rule) -> Fraction:
    """By the definitions, word by word."""
    ordered = sorted(values)
    if rule is Rule.LINEAR:
        place = Fraction(percent * (len(ordered) - 1), 100)
        below = math.floor(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])
    reached = (
        one
        for one in ordered
        if sum(other <= one for other in ordered) * 100 >= percent * len(ordered)
    )
    return Fraction(next(reached))


@dataclass(frozen=True, slots=True)
class Exactly:
    """What the definitions say of a population in fractions. Recency counts in days upwards from
    the night back: `-idle`, so that more is better in all three."""

    scheme: Scheme
    values: tuple[list[int], list[int], list[int]]

    @classmethod
    def of(cls, members: Sequence[Measure], scheme: Scheme) -> Exactly:
        found = [cls.figures(one) for one in bought(members)]
        recency, frequency, monetary = ([one[place] for one in found] for place in range(3))
        return cls(scheme, (recency, frequency, monetary))

    @staticmethod
    def figures(one: Measure) -> tuple[int, int, int]:
        return (one.last_day or 0) - TODAY, one.orders, one.net_minor

    def lines(self, place: int) -> list[Fraction]:
        own = self.scheme.own_lines
        if self.scheme.rule is Rule.OWN and own is not None:
            drawn = ([-line for line in own.recency], own.frequency, own.monetary)[place]
            return [Fraction(line) for line in drawn]
        return [quantile(self.values[place], q, self.scheme.rule) for q in QUINTILES]

    def score(self, place: int, value: int) -> int:
        return 1 + sum(line < value for line in self.lines(place))

    def is_high(self, place: int, value: int) -> bool:
        values = self.values[place]
        match self.scheme.high:
            case High.MEAN:
                return value > Fraction(sum(values), len(values))
            case High.MEDIAN:
                return value > quantile(values, 50, self.scheme.rule)
            case High.OWN:
                days, orders, net = self.scheme.own_high or (0, 0, 0)
                return value > (-days, orders, net)[place]
            case High.MEAN_SCORE:
                counted = Counter(values)
                total = sum(self.score(place, one) * count for one, count in counted.items())
                return self.score(place, value) > Fraction(total, len(values))

    def is_top(self, place: int, value: int, percent: int) -> bool:
        """Whether fewer than the top so many per cent have more."""
        ahead = sum(other > value for other in self.values[place])
        return ahead < math.ceil(Fraction(percent * len(self.values[place]), 100))


def drawn_on(cutting: Cutting, nights: list[date]) -> list[date]:
    """The nights that draw lines, after those that were drawn on the night before them all."""
    drawn = [nights[0] - timedelta(days=1)]
    for night in nights:
        if cutting.due(drawn[-1], night):
            drawn.append(night)
    return drawn[1:]
