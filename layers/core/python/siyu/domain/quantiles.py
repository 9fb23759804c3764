"""Exact ranks over many integers, in parts that can be counted apart and added up.

Values with few distinct ones are counted one by one. Money has too many: it is counted in buckets
of about 0.8 % first (eight significant bits), and the values inside those few buckets that hold a
rank somebody asks for are looked at a second time. Both give the very value a full sort would, in
any order of reading. Sketches (KLL, t-digest) do not: a second run of a night would move members.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

EXACT_BELOW = 256


def bucket(value: int) -> int:
    """The bucket of a value. A larger value is never in a smaller bucket."""
    size = abs(value)
    shift = max(size.bit_length() - 8, 0)
    number = (shift << 7) + (size >> shift)
    return number if value >= 0 else -number


def buckets(values: Sequence[int]) -> list[int]:
    """The bucket of each value; `bucket` written out, for it is called for every member."""
    return [
        value
        if -EXACT_BELOW < value < EXACT_BELOW
        else ((shift := value.bit_length() - 8) << 7) + (value >> shift)
        if value > 0
        else -(((shift := value.bit_length() - 8) << 7) + (-value >> shift))
        for value in values
    ]


class Counted:
    """Integers of which every distinct value was counted."""

    def __init__(self, counts: Counter[int]) -> None:
        self.total = sum(value * count for value, count in counts.items())
        self._values = sorted(counts)
        self._ranks = list(accumulate(counts[value] for value in self._values))
        self.count = self._ranks[-1] if self._ranks else 0

    def at(self, rank: int) -> int:
        """The value at a rank, 1 being the smallest."""
        return self._values[bisect_left(self._ranks, rank)]

    def up_to(self, value: int) -> int:
        """How many values are this one or smaller."""
        place = bisect_right(self._values, value)
        return self._ranks[place - 1] if place else 0


@dataclass
class Bucketed:
    """Integers counted by bucket; `seen` holds the values of those buckets that were looked into.

    `at` and `up_to` raise LookupError for a bucket that was not.
    """

    counts: Counter[int]
    total: int
    seen: Counter[int] = field(default_factory=Counter)

    @cached_property
    def count(self) -> int:
        return self.counts.total()

    @cached_property
    def _numbers(self) -> list[int]:
        return sorted(self.counts)

    @cached_property
    def _ranks(self) -> list[int]:
        return list(accumulate(self.counts[number] for number in self._numbers))

    def buckets_of(self, ranks: Iterable[int], values: Iterable[int]) -> frozenset[int]:
        """The buckets to look into before `at` and `up_to` know these ranks and values."""
        holding = {self._numbers[bisect_left(self._ranks, rank)] for rank in ranks}
        return frozenset(holding | {bucket(value) for value in values} & self.counts.keys())

    def at(self, rank: int) -> int:
        """The value at a rank, 1 being the smallest."""
        place = bisect_left(self._ranks, rank)
        before = self._ranks[place - 1] if place else 0
        return self._inside(self._numbers[place]).at(rank - before)

    def up_to(self, value: int) -> int:
        """How many values are this one or smaller."""
        number = bucket(value)
        place = bisect_left(self._numbers, number)
        before = self._ranks[place - 1] if place else 0
        if place == len(self._numbers) or self._numbers[place] != number:
            return before
        return before + self._inside(number).up_to(value)

    def _inside(self, number: int) -> Counted:
        if number not in self._opened:
            raise LookupError(f"nobody looked into bucket {number}")
        return self._opened[number]

    @cached_property
    def _opened(self) -> dict[int, Counted]:
        inside: dict[int, Counter[int]] = {}
        for value, count in self.seen.items():
            inside.setdefault(bucket(value), Counter())[value] = count
        return {number: Counted(counts) for number, counts in inside.items()}


Distribution = Counted | Bucketed


def values_in(values: Iterable[int], wanted: Collection[int]) -> Counter[int]:
    """The values in some buckets, counted."""
    edges = sorted(edge for number in wanted for edge in _edges(number))
    # Inside a bucket an odd number of edges is passed; between two that touch, none too many.
    return Counter(value for value in values if bisect_right(edges, value) & 1)


def _edges(number: int) -> tuple[int, int]:
    """The smallest value of a bucket, and the smallest one beyond it."""
    if number < 0:
        first, beyond = _edges(-number)
        return 1 - beyond, 1 - first
    shift = max((number >> 7) - 1, 0)
    first = number - (shift << 7)
    return first << shift, first + 1 << shift


def rank_of(percent: int, count: int) -> int:
    """The rank at which at least `percent` of `count` values are reached; 1 at the least."""
    return max(-(-percent * count // 100), 1)


def inverted_cdf(values: Distribution, percent: int) -> int:
    """The smallest value with at least `percent` of all at or below it."""
    return values.at(rank_of(percent, values.count))


def linear(values: Distribution, percent: int) -> int:
    """Type 7 of Hyndman and Fan, rounded down: an integer is above the one if above the other."""
    whole, part = divmod((values.count - 1) * percent, 100)
    below = values.at(whole + 1)
    return below + part * (values.at(whole + 2) - below) // 100 if part else below


def linear_ranks(percent: int, count: int) -> tuple[int, int]:
    """The ranks that `linear` looks at."""
    whole, part = divmod((count - 1) * percent, 100)
    return whole + 1, whole + 1 + (1 if part else 0)
