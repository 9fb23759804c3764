"""Draw the lines of a scheme over members, in one go or over parts of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import compress

from siyu.domain.cut_points import CutPoints, Tally, buckets_to_open, cut
from siyu.domain.quantiles import values_in
from siyu.domain.schemes import Scheme
from siyu.storage.rows import Columns


def draw(columns: Columns, scheme: Scheme, as_of: date) -> CutPoints:
    """The lines over members who are all at hand."""
    counted = tally(columns, scheme)
    opened = open_buckets(columns, scheme, buckets_to_open(counted, scheme))
    return cut(counted, opened, scheme, as_of)


def tally(columns: Columns, scheme: Scheme) -> Tally:
    """Count the population of a scheme among some members."""
    counted = Tally()
    counted.count(*_population(columns, scheme))
    return counted


def open_buckets(columns: Columns, scheme: Scheme, wanted: frozenset[int]) -> Counter[int]:
    """The net sales of a scheme's population that lie in some buckets, counted."""
    return values_in(_population(columns, scheme)[2], wanted)


def _population(columns: Columns, scheme: Scheme) -> tuple[list[int], list[int], list[int]]:
    """Last days, orders and net sales of those who bought in the scheme's window."""
    orders, net = columns.windows[scheme.window_days]
    bought: Sequence[object] = orders
    if scheme.stores:
        bought = [
            count and scheme.covers(store)
            for count, store in zip(orders, columns.stores, strict=True)
        ]
    return (
        list(compress(columns.last_days, bought)),
        list(compress(orders, bought)),
        list(compress(net, bought)),
    )
