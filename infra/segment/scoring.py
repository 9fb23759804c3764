"""Draws the lines over the customers of a file and places each, by the code of the night itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress

from infra.segment.folding import Customers
from siyu.domain.cut_points import CutPoints, Tally, buckets_to_open, cut
from siyu.domain.night_report import Report
from siyu.domain.placing import Placing
from siyu.domain.quantiles import values_in
from siyu.domain.schemes import Scheme
from siyu.domain.segments import Label, Measure


@dataclass(frozen=True, slots=True)
class Scored:
    """Customers and where each stands: `numbers` has one for each, `placing` says what it is."""

    customers: Customers
    scheme: Scheme
    cuts: CutPoints
    numbers: Sequence[int]
    placing: Placing
    report: Report

    @property
    def as_of(self) -> date:
        return self.cuts.as_of

    def label(self, number: int) -> Label:
        return self.placing.label(number)

    def measure(self, at: int) -> Measure:
        """What the scheme looks at of a customer."""
        one = self.customers
        return Measure(
            one.last_days[at] or None,
            one.orders[at],
            one.net[at],
            one.orders_ever[at],
            one.joined_days[at],
        )


def score(customers: Customers, scheme: Scheme, as_of: date) -> Scored:
    """`customers` are as of that day, their orders and net sales in the scheme's window."""
    cuts = _draw(customers, scheme, as_of)
    placing = Placing(scheme, cuts, as_of)
    numbers = placing.numbers(
        customers.last_days,
        customers.joined_days,
        customers.orders,
        customers.net,
        customers.orders_ever,
    )
    report = _report(customers, numbers, placing, cuts)
    return Scored(customers, scheme, cuts, numbers, placing, report)


def _draw(customers: Customers, scheme: Scheme, as_of: date) -> CutPoints:
    bought = customers.orders
    last_days, orders, net = (
        list(compress(column, bought))
        for column in (customers.last_days, customers.orders, customers.net)
    )
    tally = Tally()
    tally.count(last_days, orders, net)
    opened = values_in(net, buckets_to_open(tally, scheme))
    return cut(tally, opened, scheme, as_of)


def _report(
    customers: Customers, numbers: Sequence[int], placing: Placing, cuts: CutPoints
) -> Report:
    """How large each part is, as the night counts it."""
    report = Report(cuts.scheme, cuts.version, cuts.as_of, population=cuts.population)
    counts, sums = Counter(numbers), defaultdict[int, int](int)
    for number, minor in zip(numbers, customers.net, strict=True):
        sums[number] += minor
    for number, count in counts.items():
        report.count(placing.label(number), count, sums[number])
    return report
