"""Many members at once, and what the definition says of each of them."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from siyu.domain.asked_audience import Basis
from siyu.domain.figures import Figures
from siyu.domain.published import measure_of
from siyu.domain.segments import place
from siyu.services.read_audience import basis_of
from siyu.storage import aggregates, columns
from siyu.storage.aggregates import Aggregate
from siyu.storage.transaction import Transaction
from tests.services.shop import TODAY
from tests.support import dump

STORES = ("A1B", "B2C", "C3D")
Row = dict[str, Any]


def crowd(count: int, seed: int = 7) -> None:
    """Members of all kinds: of some nothing may be told, some never bought, some only long ago,
    some tomorrow."""
    randomness = random.Random(seed)
    for begin in range(0, count, 100):
        write = Transaction()
        for number in range(begin, min(begin + 100, count)):
            one = _member(number, randomness)
            aggregates.put(write, Aggregate(one.member_id, Figures(), 1, ""), one)
        write.commit()


def _member(number: int, randomness: random.Random) -> Aggregate:
    today = TODAY.toordinal()
    buckets = {
        today + 1 - randomness.randrange(1 + 50 * (number % 17)): (
            randomness.randint(0, 2),
            randomness.randint(100, 90_000),
        )
        for _ in range(randomness.randrange(5))
    }
    return Aggregate(
        f"{randomness.getrandbits(52):013X}",
        Figures(buckets),
        today - randomness.randrange(900),
        randomness.choice(STORES),
        up="0000000000000" if number % 23 == 0 else None,
        gone=number % 19 == 0,
        out=number % 11 == 0,
    )


def told(wanted: Callable[[Row], bool] = lambda _: True, basis: Basis | None = None) -> list[Row]:
    """The rows of those for whom `wanted` holds, by id: one by one, from what is stored."""
    found = _rows(basis or basis_of("default"))
    return sorted(filter(wanted, found), key=lambda row: str(row["member_id"]))


def _rows(basis: Basis) -> Iterator[Row]:
    scheme, night = basis.scheme, basis.as_of
    for item in dump().values():
        if item["kind"]["S"] != "AGGREGATE" or item.keys() & {"up", "gone", "out"}:
            continue
        joined_day, store = columns.origin(item["z"]["S"])
        if not scheme.covers(store):
            continue
        bought = Figures.unpack(base64.b64decode(item["b"]["B"]))
        measure = measure_of(bought, joined_day, scheme, night)
        label = place(measure, scheme, basis.cuts, night)
        r, f, m = label.scores or (None, None, None)
        last = measure.last_day
        yield {
            "member_id": item["SK"]["S"],
            "stage": label.stage,
            "group": label.group,
            "aipl": label.aipl,
            "r": r,
            "f": f,
            "m": m,
            "recency_days": None if last is None else night.toordinal() - last,
            "frequency": measure.orders,
            "monetary_minor": measure.net_minor,
            "orders_ever": measure.orders_ever,
            "store": store,
            "joined_on": date.fromordinal(joined_day),
            "as_of": night,
            "scheme": scheme.name,
            "scheme_version": scheme.version,
        }
