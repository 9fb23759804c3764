"""Draw the lines of a scheme over members, in one go or over parts of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import compress

from siyu.domain.cut_points import CutPoints, Tally, buckets_to_open, cut
from siyu.domain.quantiles import values_in
from siyu.domain.schemes import Scheme
from siyu.storage.columns import Columns


def draw(columns: Columns, scheme: Scheme, as_of: date) -> CutPoints:
    """The lines over members who are all at hand."""
    counted = tally(columns, scheme)
    opened = open_buckets(columns, scheme, buckets_to_open(counted, scheme))
    return cut(counted, opened, scheme, as_of)


def tally(columns: Columns, scheme: Scheme) -> Tally:
    """Count the population of a scheme among some members."""
    orders, net = columns.windows[scheme.window_days]
    bought = _population(columns, scheme)
    counted = Tally()
    counted.count(*(list(compress(one, bought)) for one in (columns.last_days, orders, net)))
    return counted


def open_buckets(columns: Columns, scheme: Scheme, wanted: frozenset[int]) -> Counter[int]:
    """The net sales of a scheme's population that lie in some buckets, counted."""
    _, net = columns.windows[scheme.window_days]
    return values_in(compress(net, _population(columns, scheme)), wanted)


def _population(columns: Columns, scheme: Scheme) -> Sequence[object]:
    """Something true for each member who bought in the scheme's window."""
    orders, _ = columns.windows[scheme.window_days]
    if not scheme.stores:
        return orders
    pairs = zip(orders, columns.stores, strict=True)
    return [count and scheme.covers(store) for count, store in pairs]
