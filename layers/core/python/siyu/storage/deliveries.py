"""Where goods of referred friends' orders go: which of them go to one place."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, time

from siyu.domain.calendar import BUSINESS_ZONE, business_date, to_utc
from siyu.domain.deliveries import Sent
from siyu.domain.orders import Order
from siyu.storage import keys
from siyu.storage.items import DeliveredItem, Item, OrderItem
from siyu.storage.reading import partition, read
from siyu.storage.transaction import Transaction


def marks_of(order: Order) -> tuple[str, ...]:
    """The places that an order names."""
    return order.paid.delivered_to if order.paid else ()


def note(tellers: Iterable[Order], friend_id: str, sale: Order) -> None:
    """Note at each place that an order tells of that goods of a friend's went there, and when the
    sale was paid.

    A read for each order that names a place, and a write where something is missing. Raises
    StaleReadError if the order names other places meanwhile, or none after an erasure.
    """
    if sale.paid is None:
        return
    told = friend_id, to_utc(sale.paid.occurred_at)
    for order in tellers:
        key = keys.order_key(order.source, order.order_id)
        marks = marks_of(order)
        found = read(keys.delivered(mark, key) for mark in marks)
        items = [found.get(DeliveredItem, keys.delivered(mark, key)) for mark in marks]
        known = [(item.friend, item.paid_at) if item else None for item in items]
        write = Transaction()
        for mark, noted in zip(marks, known, strict=True):
            if noted != told:
                item = DeliveredItem(*keys.delivered(mark, key), friend=told[0], paid_at=told[1])
                write.put("delivered", item)
        write.check("order", OrderItem, keys.order(key), OrderItem.delivered_to == set(marks))
        write.commit()


def to_place(mark: str) -> Iterator[Sent]:
    """All that went to a place: a consistent query."""
    for item in partition(keys.place_pk(mark)):
        if isinstance(item, DeliveredItem):
            yield Sent(item.friend, item.paid_at, bool(item.gone))


def forget(write: Transaction, order: Order, stranger: str) -> None:
    """Leave of an order at its places that some friend had goods sent there on a day: a
    `stranger`, who is another one at each place. For the transaction that forgets its buyer."""
    key = keys.order_key(order.source, order.order_id)
    marks = marks_of(order)
    found = read(keys.delivered(mark, key) for mark in marks)
    for mark in marks:
        where = keys.delivered(mark, key)
        item = found.get(DeliveredItem, where)
        if item is None:
            write.check("delivered", DeliveredItem, where, Item.PK.does_not_exist())
            continue
        write.delete("delivered", item)
        name = hashlib.sha256(f"{stranger}|{mark}".encode()).hexdigest()[:16]
        day = business_date(item.paid_at)
        begin = to_utc(datetime.combine(day, time.min, BUSINESS_ZONE))
        where = keys.delivered_by_somebody(mark, day, name)
        write.put("delivered", DeliveredItem(*where, friend=name, paid_at=begin, gone=True))
