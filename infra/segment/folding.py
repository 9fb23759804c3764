"""What the orders of a file come to for each customer on a day.

The same as folding every row by `siyu.domain.orders`: a refund takes from its order, on the day of
the order, whenever it was given; one that names no order takes from its buyer on its own day.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress

from infra.segment.book import Book
from infra.segment.cells import DAY_MICROSECONDS, NOBODY

NO_ORDER = -2
NO_SUCH_ORDER = "refund of an order that the file does not hold"


@dataclass
class Customers:
    """Who ordered by a day, by column in the order of their ids; days are day numbers, `last_days`
    0 without a purchase. `orders` and `net` (minor units) are those of the window."""

    ids: list[str] = field(default_factory=list)
    joined_days: array[int] = field(default_factory=lambda: array("q"))
    last_days: array[int] = field(default_factory=lambda: array("q"))
    orders: array[int] = field(default_factory=lambda: array("q"))
    net: array[int] = field(default_factory=lambda: array("q"))
    orders_ever: array[int] = field(default_factory=lambda: array("q"))


@dataclass
class Folded:
    """Customers, and the whole file in figures: `orders`, `refunds` and `net_minor` are of all up
    to the day, whoever bought, orders given back whole included. What is not the customers' is also
    told by itself, as are the rows after the day (`later`)."""

    customers: Customers
    orders: int = 0
    refunds: int = 0
    net_minor: int = 0
    later: int = 0
    later_orders: int = 0
    later_minor: int = 0
    given_back: int = 0
    without_customer: int = 0
    without_customer_minor: int = 0
    nameless_refunds: int = 0
    nameless_minor: int = 0
    only_refunds: int = 0
    only_refunds_minor: int = 0
    orphans: list[tuple[int, str]] = field(default_factory=list)


class _Sums:
    """By the number of the customer; who did not order yet joined after `today`. The window begins
    after the day `begin`."""

    def __init__(self, people: int, begin: int, today: int) -> None:
        self.begin, self.today = begin, today
        self.joined = [today + 1] * people
        self.last, self.net, self.ever = ([0] * people for _ in range(3))
        # Without a window both are the same, and are counted once.
        self.orders = [0] * people if begin > 0 else self.ever

    def add(self, buyers: Sequence[int], days: Sequence[int], amounts: Sequence[int]) -> None:
        """Orders: who bought (a negative number: nobody), the day, what is left of the amount."""
        joined, last, orders, net, ever = self.joined, self.last, self.orders, self.net, self.ever
        begin, windowed = self.begin, self.begin > 0
        for buyer, day, amount in zip(buyers, days, amounts, strict=True):
            if buyer < 0:
                continue
            if joined[buyer] > day:  # noqa: PLR1730 - a call for every row
                joined[buyer] = day
            if amount > 0:
                ever[buyer] += 1
                if last[buyer] < day:  # noqa: PLR1730 - likewise
                    last[buyer] = day
            if day > begin:
                net[buyer] += amount
                if windowed and amount > 0:
                    orders[buyer] += 1


def last_day(book: Book) -> int:
    """The day number of the last row."""
    return max(book.instants) // DAY_MICROSECONDS


def fold(book: Book, today: int, window_days: int | None) -> Folded:
    """All customers as of the day number `today`."""
    folded = Folded(Customers())
    days = [instant // DAY_MICROSECONDS for instant in book.instants]
    net = _after_refunds(book, folded, days, today)
    begin = 0 if window_days is None else today - window_days
    sums = _Sums(len(book.people) - 1, begin, today)
    sums.add(_buyers(book, folded, (days, net), today), days, net)
    _take_standalone(book, folded, sums, days)
    _gather(book.people, folded.customers, sums)
    return folded


def _buyers(
    book: Book, folded: Folded, figures: tuple[list[int], list[int]], today: int
) -> list[int]:
    """Who bought, a negative number where no order counts for anybody; the orders are counted."""
    days, net = figures
    later: list[int] = []
    if max(days) > today:
        later = [at for at, day in enumerate(days) if day > today and at not in book.refunds]
    buyers = list(book.buyers)
    for row in chain(book.refunds, later):
        buyers[row] = NO_ORDER
    folded.later += len(later)
    folded.later_orders = len(later)
    folded.later_minor = sum(net[row] for row in later)
    folded.orders = len(book) - len(book.refunds) - len(later)
    folded.net_minor = sum(net) - sum(net[row] for row in chain(book.refunds, later))
    nothing_left = [at for at, minor in enumerate(net) if minor <= 0]
    folded.given_back = sum(buyers[at] != NO_ORDER for at in nothing_left)
    folded.without_customer = buyers.count(NOBODY) - sum(
        buyers[at] == NOBODY for at in nothing_left
    )
    anonymous = map(NOBODY.__eq__, buyers)
    folded.without_customer_minor = sum(compress(net, anonymous))
    return buyers


def _after_refunds(book: Book, folded: Folded, days: list[int], today: int) -> list[int]:
    """What is left of the amount of each order."""
    net = list(book.amounts)
    for row, of in book.refunds.items():
        if not of:
            continue
        target = book.invoices.get(of)
        if target is None or target in book.refunds:
            folded.orphans.append((book.lines[row], NO_SUCH_ORDER))
            continue
        net[target] -= book.amounts[row]
        counts = days[target] <= today
        folded.refunds += counts
        folded.later += not counts
    return net


def _take_standalone(book: Book, folded: Folded, sums: _Sums, days: list[int]) -> None:
    """Refunds that name no order; who has nothing but them is no customer here."""
    strangers = set()
    for row, of in book.refunds.items():
        if of:
            continue
        buyer, amount = book.buyers[row], book.amounts[row]
        if days[row] > sums.today:
            folded.later += 1
            folded.later_minor -= amount
            continue
        folded.refunds += 1
        folded.net_minor -= amount
        if buyer < 0:
            folded.nameless_refunds += 1
            folded.nameless_minor -= amount
        elif sums.joined[buyer] > sums.today:
            strangers.add(buyer)
            folded.only_refunds_minor -= amount
        elif days[row] > sums.begin:
            sums.net[buyer] -= amount
    folded.only_refunds = len(strangers)


def _gather(people: Mapping[str, int], customers: Customers, sums: _Sums) -> None:
    """Those who ordered, by id."""
    names = [name for name, at in people.items() if at >= 0 and sums.joined[at] <= sums.today]
    names.sort()
    places = list(map(people.__getitem__, names))
    customers.ids += names
    for column, values in (
        (customers.joined_days, sums.joined),
        (customers.last_days, sums.last),
        (customers.orders, sums.orders),
        (customers.net, sums.net),
        (customers.orders_ever, sums.ever),
    ):
        column.extend(map(values.__getitem__, places))
