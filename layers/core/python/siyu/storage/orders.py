"""Orders and the sales they tell of, as they stand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from siyu.domain.orders import Order
from siyu.domain.sales import SALE_SOURCE
from siyu.storage import keys
from siyu.storage.items import (
    OrderItem,
)
from siyu.storage.order_items import to_order
from siyu.storage.reading import Found, indexed, read


@dataclass(frozen=True, slots=True)
class Standing:
    """An order as it stands, with its version; version 0 was never written."""

    order: Order
    version: int


def sale_key(payment_id: str) -> str:
    """The name of the sale that a payment paid for."""
    return keys.order_key(SALE_SOURCE, payment_id)


def standing_of(order_key: str, found: Found) -> Standing:
    """An order from a read that asked for it."""
    item = found.get(OrderItem, keys.order(order_key))
    if item is None:
        return Standing(Order(*keys.order_parts(order_key)), 0)
    return Standing(to_order(item), int(item.version))


def find(order_keys: Iterable[str]) -> Mapping[str, Standing]:
    """Some orders by their keys, in one round trip per 100; unknown ones have version 0."""
    wanted = list(order_keys)
    found = read(map(keys.order, wanted))
    return {key: standing_of(key, found) for key in wanted}


def of_member(member_id: str) -> Iterator[Order]:
    """An account's orders, oldest first; the index may lag a moment behind."""
    return map(to_order, indexed(OrderItem, keys.member_pk(member_id), keys.ORDERS_PREFIX))


def tellings_of_member(member_id: str) -> Iterator[Order]:
    """An account's orders that are counted in a sale, oldest first; the index may lag."""
    return map(to_order, indexed(OrderItem, keys.member_pk(member_id), keys.TELLINGS_PREFIX))
