"""A member's purchase figures: day buckets that orders add to and take from.

Every order contributes (orders, net) to the bucket of its business day. Changing an order means
taking its old contribution out and putting the new one in, so figures never depend on the order of
events. Packed for storage: signed integers as zigzag varints, days as gaps, about 6 bytes a bucket.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Only named here: whoever has one has loaded it, and a start is spared it.
    from siyu.domain.orders import Contribution

FORMAT = 1


@dataclass(frozen=True)
class Figures:
    """Buckets by day number: (orders with a positive net, net in minor units)."""

    buckets: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def orders(self) -> int:
        """Orders with a positive net (the F of RFM)."""
        return sum(orders for orders, _ in self.buckets.values())

    @cached_property
    def net_minor(self) -> int:
        """Net sales in minor units (the M of RFM); standalone refunds can make it negative."""
        return sum(net for _, net in self.buckets.values())

    @cached_property
    def last_day(self) -> date | None:
        """The last day with an order of positive net (the R of RFM), or None."""
        days = [day for day, (orders, _) in self.buckets.items() if orders > 0]
        return date.fromordinal(max(days)) if days else None

    @property
    def first_day(self) -> date | None:
        """The first day with an order of positive net, or None."""
        days = [day for day, (orders, _) in self.buckets.items() if orders > 0]
        return date.fromordinal(min(days)) if days else None

    @cached_property
    def span(self) -> tuple[int, int]:
        """The first and the last day number with a bucket, 0 and 0 without any."""
        return (min(self.buckets), max(self.buckets)) if self.buckets else (0, 0)

    def last_day_by(self, day: int) -> int | None:
        """The last day number up to `day` with an order of positive net, or None."""
        days = (at for at, (orders, _) in self.buckets.items() if orders > 0 and at <= day)
        return max(days, default=None)

    def within(self, day: int, window_days: int | None) -> tuple[int, int]:
        """Orders and net sales of the window that ends with `day`; None is everything up to it."""
        begin = 0 if window_days is None else day - window_days
        inside = [one for at, one in self.buckets.items() if begin < at <= day]
        return sum(orders for orders, _ in inside), sum(net for _, net in inside)

    def exchange(self, old: "Contribution | None", new: "Contribution | None") -> "Figures":
        """The figures with one order's old contribution taken out and its new one put in."""
        buckets = dict(self.buckets)
        for sign, part in ((-1, old), (1, new)):
            if part is None:
                continue
            day = part.day.toordinal()
            orders, net = buckets.get(day, (0, 0))
            buckets[day] = (orders + sign * part.orders, net + sign * part.net_minor)
        return Figures({day: bucket for day, bucket in buckets.items() if bucket != (0, 0)})

    def plus(self, other: "Figures", sign: int = 1) -> "Figures":
        """These figures and another account's together; with `sign` -1 without them."""
        buckets = dict(self.buckets)
        for day, (orders, net) in other.buckets.items():
            mine = buckets.get(day, (0, 0))
            buckets[day] = (mine[0] + sign * orders, mine[1] + sign * net)
        return Figures({day: bucket for day, bucket in buckets.items() if bucket != (0, 0)})

    def pack(self) -> bytes:
        """The buckets as bytes; equal figures give equal bytes."""
        packed = bytearray([FORMAT])
        previous = 0
        for day in sorted(self.buckets):
            orders, net = self.buckets[day]
            for number in (day - previous, orders, net):
                _put(packed, number)
            previous = day
        return bytes(packed)

    @classmethod
    def unpack(cls, packed: bytes) -> "Figures":
        """The reverse of `pack`. Raises ValueError on an unknown format."""
        if not packed or packed[0] != FORMAT:
            raise ValueError("unknown format of packed figures")
        numbers = list(_numbers(packed[1:]))
        buckets: dict[int, tuple[int, int]] = {}
        day = 0
        for gap, orders, net in zip(*[iter(numbers)] * 3, strict=True):
            day += gap
            buckets[day] = (orders, net)
        return cls(buckets)


def _put(packed: bytearray, number: int) -> None:
    zigzag = number << 1 if number >= 0 else (-number << 1) - 1
    while zigzag > 0x7F:
        packed.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    packed.append(zigzag)


def _numbers(packed: bytes) -> Iterator[int]:
    zigzag, shift = 0, 0
    for byte in packed:
        zigzag |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield -(zigzag + 1 >> 1) if zigzag & 1 else zigzag >> 1
            zigzag, shift = 0, 0
