"""`segments.place` for many members at once, held by columns."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from siyu.domain.cut_points import CutPoints
from siyu.domain.schemes import Scheme
from siyu.domain.segments import Label, Measure, by_count, place


class Placing:
    """`place` for many: each question that a column answers is asked once for each of its values.

    The answer is a number that stands for all that `place` would say of a member.
    """

    def __init__(self, scheme: Scheme, cuts: CutPoints, as_of: date) -> None:
        self._scheme, self._cuts, self._as_of = scheme, cuts, as_of
        self._labels: dict[int, Label] = {}
        top = () if cuts.super_user_minor is None else (cuts.super_user_minor - 1,)
        high = () if cuts.high is None else (cuts.high[2],)
        self._net_lines = sorted({*cuts.monetary, *top, *high})
        # Four bits for the net sales, three for the orders ever, eight for those of the window.
        self._ever = _Classes(4, lambda orders: (by_count(orders),))
        self._orders = _Classes(7, self._order_class)
        self._days = _Classes(15, self._day_class)

    def numbers(
        self,
        last_days: Sequence[int],
        joined_days: Sequence[int],
        orders: Sequence[int],
        net: Sequence[int],
        ever: Sequence[int],
    ) -> list[int]:
        """The number of each member. Days are day numbers, `last_days` 0 for who never bought."""
        # Only of who never bought is the day of joining asked for, so one number says either.
        days = [last or -joined for last, joined in zip(last_days, joined_days, strict=True)]
        lines = self._net_lines
        by_day = map(self._days.__getitem__, days)
        by_orders = map(self._orders.__getitem__, orders)
        by_ever = map(self._ever.__getitem__, ever)
        numbers = [
            day | count | all_ | bisect_left(lines, minor)
            for day, count, all_, minor in zip(by_day, by_orders, by_ever, net, strict=True)
        ]
        one_of_each = dict(zip(numbers, range(len(numbers)), strict=True))
        for number in one_of_each.keys() - self._labels.keys():
            at = one_of_each[number]
            last_day, joined = (days[at], 0) if days[at] > 0 else (None, -days[at])
            measure = Measure(last_day, orders[at], net[at], ever[at], joined)
            self._labels[number] = place(measure, self._scheme, self._cuts, self._as_of)
        return numbers

    def label(self, number: int) -> Label:
        """What a number stands for."""
        return self._labels[number]

    def _day_class(self, day: int) -> tuple[object, ...]:
        today, scheme, cuts = self._as_of.toordinal(), self._scheme, self._cuts
        if day <= 0:
            return (today + day <= scheme.new_days,)
        idle = today - day
        lines: Iterable[int] = (*cuts.recency, *(cuts.high or ())[:1])
        return (
            idle > scheme.lost_days,
            idle > scheme.dormant_days,
            tuple(idle < line for line in lines),
        )

    def _order_class(self, orders: int) -> tuple[object, ...]:
        scheme, cuts = self._scheme, self._cuts
        care = cuts.key_care_orders
        lines: Iterable[int] = (*cuts.frequency, *(cuts.high or ())[1:2])
        return (
            orders > 0,
            orders >= scheme.loyal_orders,
            care is not None and orders >= care,
            tuple(orders > line for line in lines),
        )


class _Classes(dict[int, int]):
    """Numbers values by what is said of them, when they are first asked for; the numbers are moved
    up by some bits."""

    def __init__(self, bits: int, tell: Callable[[int], tuple[object, ...]]) -> None:
        super().__init__()
        self._bits, self._tell = bits, tell
        self._known: dict[tuple[object, ...], int] = {}

    def __missing__(self, value: int) -> int:
        told = self._tell(value)
        number = self[value] = self._known.setdefault(told, len(self._known)) << self._bits
        return number
