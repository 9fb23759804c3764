"""Members with figures, put into the table as orders leave them, and several schemes over them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from siyu.domain.figures import Figures
from siyu.domain.schemes import Cutting, High, Rule, Scheme, Schemes
from siyu.storage import aggregates, keys, schemes
from siyu.storage.aggregates import Aggregate
from siyu.storage.items import AggregateItem, Item
from siyu.storage.reading import read
from tests.support import NOW, client, empty_table, table_name

TONIGHT = NOW.date()
STORES = ("north", "north", "south", "harbour")
SCHEMES = (
    Scheme("harbour", stores=("harbour",), window_days=365, min_population=3),
    Scheme("spring", window_days=90, rule=Rule.LINEAR, high=High.MEDIAN),
    Scheme("steady", cutting=Cutting.FROZEN, high=High.MEAN, loyal_orders=3),
)


def publish_schemes() -> None:
    """Publish them, besides the default one."""
    published = Schemes()
    for scheme in SCHEMES:
        schemes.append(published, scheme, {})
        published = Schemes((*published.published, scheme))


def put_crowd(members: int, seed: int = 7) -> None:
    """Members who bought on up to six days of the last 500; some are not counted."""
    randomness = random.Random(seed)
    with Item.batch_write() as batch:
        for number in range(members):
            batch.save(_item(randomness, number))


def buy(members: Iterable[int], day: date) -> None:
    """Some members buy once more, without a relabelling."""
    where = {number: keys.aggregate(_id(number)) for number in members}
    found = read(where.values())
    with Item.batch_write() as batch:
        for number, key in where.items():
            item = found.get(AggregateItem, key)
            assert item is not None
            one = aggregates.to_aggregate(item)
            bought = {day.toordinal(): (1, 100 * number + 50)}
            batch.save(_of(one, one.figures.plus(Figures(bought)), one.version + 1))


def restore(items: Iterable[dict[str, Any]]) -> None:
    """Make the table what a dump of it says."""
    empty_table()
    puts = [{"PutRequest": {"Item": item}} for item in items]
    for begin in range(0, len(puts), 25):
        answer = client().call(
            "BatchWriteItem", RequestItems={table_name(): puts[begin : begin + 25]}
        )
        assert not answer["UnprocessedItems"]


def _id(number: int) -> str:
    return f"{number * 7919:013d}"


def _item(randomness: random.Random, number: int) -> AggregateItem:
    buckets: dict[int, tuple[int, int]] = {}
    for _ in range(randomness.randint(0, 6)):
        day = TONIGHT - timedelta(days=min(int(randomness.expovariate(1 / 90)), 500))
        orders = randomness.randint(1, 2)
        # Many cost about the same: values of one bucket, and equal ones among them.
        usual = randomness.random() < 0.7
        price = randomness.randint(*((90_000, 90_012) if usual else (100, 90_000)))
        buckets[day.toordinal()] = (orders, orders * price)
    one = Aggregate(
        _id(number),
        Figures(buckets),
        (TONIGHT - timedelta(days=randomness.randint(0, 600))).toordinal(),
        randomness.choice(STORES),
        out=number % 29 == 0,
    )
    return _of(one, one.figures, 1)


def _of(one: Aggregate, bought: Figures, version: int) -> AggregateItem:
    return AggregateItem(
        *keys.aggregate(one.member_id),
        z=aggregates.row_of(replace(one, figures=bought), version),
        b=bought.pack(),
        lb=one.book.pack(),
        out=one.out or None,
        version=version,
    )
