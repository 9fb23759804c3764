"""Segments: RFM scores, the eight value groups and the lifecycle stage of every member.

Population: members with at least one order of positive net. R is the last day with such an order
(later is better), F the number of such orders, M the net sales, all over the member's whole time.
Cut points are exact inverted-CDF quintiles: value at rank ceil(q*n). A score is 1 plus the number
of cut points strictly below the value, so equal values always get equal scores. A side of a value
group is "high" when its score is above the population's mean score. The definitions do not depend
on the order in which members are read.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

QUINTILES = (20, 40, 60, 80)
SUPER_USER_PERCENT = 10
KEY_CARE_PERCENT = 30
NEW_DAYS = 30
DORMANT_DAYS = 180
LOST_DAYS = 365

GROUPS: Mapping[tuple[bool, bool, bool], str] = {
    (True, True, True): "important_value",
    (True, False, True): "important_develop",
    (False, True, True): "important_keep",
    (False, False, True): "important_win_back",
    (True, True, False): "general_value",
    (True, False, False): "general_develop",
    (False, True, False): "general_keep",
    (False, False, False): "general_win_back",
}
STAGES = (
    "prospect",
    "new",
    "first_purchase",
    "repeat",
    "key_care",
    "super_user",
    "dormant",
    "lost",
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is known of one member: days as day numbers, net in minor units."""

    last_day: int | None
    orders: int
    net_minor: int
    joined_day: int

    def pack(self) -> str:
        """The four numbers as `last day|orders|net|joined day`, 0 standing for no last day."""
        return f"{self.last_day or 0}|{self.orders}|{self.net_minor}|{self.joined_day}"

    @classmethod
    def unpack(cls, packed: str) -> "Measure":
        """The reverse of `pack`. Raises ValueError when it is none."""
        last_day, orders, net_minor, joined_day = map(int, packed.split("|"))
        return cls(last_day or None, orders, net_minor, joined_day)


@dataclass(frozen=True, slots=True)
class CutPoints:
    """The published lines of one night; integers only, so they are exact and comparable.

    A mean score is kept as (sum, population): a score is above it when score * population > sum.
    """

    as_of: date
    population: int
    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[int, ...]
    score_sums: tuple[int, int, int]
    super_user_net_minor: int
    key_care_orders: int


@dataclass(frozen=True, slots=True)
class Label:
    """A member's place: `group` is None without a purchase. Scores are 1 to 5."""

    stage: str
    group: str | None = None
    scores: tuple[int, int, int] | None = None


def cut(as_of: date, measures: Iterable[Measure]) -> CutPoints:
    """Tonight's cut points over all members with a purchase."""
    recency: Counter[int] = Counter()
    frequency: Counter[int] = Counter()
    monetary: Counter[int] = Counter()
    for measure in measures:
        if measure.last_day is not None:
            recency[measure.last_day] += 1
            frequency[measure.orders] += 1
            monetary[measure.net_minor] += 1
    r_lines, f_lines, m_lines = (
        quantiles(values, QUINTILES) for values in (recency, frequency, monetary)
    )
    return CutPoints(
        as_of=as_of,
        population=recency.total(),
        recency=r_lines,
        frequency=f_lines,
        monetary=m_lines,
        score_sums=(
            _score_sum(recency, r_lines),
            _score_sum(frequency, f_lines),
            _score_sum(monetary, m_lines),
        ),
        super_user_net_minor=_line_of_top(monetary, SUPER_USER_PERCENT),
        key_care_orders=max(_line_of_top(frequency, KEY_CARE_PERCENT), 2),
    )


def quantiles(values: Counter[int], percents: Iterable[int]) -> tuple[int, ...]:
    """Inverted-CDF quantiles: the smallest value with at least q percent at or below it."""
    total = values.total()
    if total == 0:
        return ()
    ordered = sorted(values)
    cumulative, running = [], 0
    for value in ordered:
        running += values[value]
        cumulative.append(running)
    return tuple(
        ordered[bisect_left(cumulative, -(-percent * total // 100))] for percent in percents
    )


def score(value: int, lines: tuple[int, ...]) -> int:
    """1 plus the number of cut points strictly below `value`."""
    return 1 + bisect_left(lines, value)


def label(measure: Measure, cuts: CutPoints) -> Label:
    """Where a member stands on the night of `cuts`."""
    if measure.last_day is None:
        new = cuts.as_of.toordinal() - measure.joined_day <= NEW_DAYS
        return Label("new" if new else "prospect")
    scores = (
        score(measure.last_day, cuts.recency),
        score(measure.orders, cuts.frequency),
        score(measure.net_minor, cuts.monetary),
    )
    r_high, f_high, m_high = (
        value * cuts.population > total
        for value, total in zip(scores, cuts.score_sums, strict=True)
    )
    return Label(_stage(measure, measure.last_day, cuts), GROUPS[r_high, f_high, m_high], scores)


def _stage(measure: Measure, last_day: int, cuts: CutPoints) -> str:
    """The first that holds: a member who left is not a super user, however much they spent."""
    idle_days = cuts.as_of.toordinal() - last_day
    rules = (
        ("lost", idle_days > LOST_DAYS),
        ("dormant", idle_days > DORMANT_DAYS),
        ("super_user", measure.net_minor >= cuts.super_user_net_minor),
        ("key_care", measure.orders >= cuts.key_care_orders),
        ("repeat", measure.orders > 1),
    )
    return next((stage for stage, holds in rules if holds), "first_purchase")


def _score_sum(values: Counter[int], lines: tuple[int, ...]) -> int:
    return sum(score(value, lines) * count for value, count in values.items())


def _line_of_top(values: Counter[int], percent: int) -> int:
    """The value at the rank that closes the top `percent`; who ties with it is in."""
    remaining = -(-percent * values.total() // 100)
    for value in sorted(values, reverse=True):
        remaining -= values[value]
        if remaining <= 0:
            return value
    return 0
