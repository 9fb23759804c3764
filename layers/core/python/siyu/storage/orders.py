"""Orders, their facts and deliveries, and orders that wait for their buyer."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.domain.calendar import to_utc
from siyu.domain.orders import Order, Paid
from siyu.storage import keys
from siyu.storage.figures import Aggregate, to_aggregate
from siyu.storage.items import (
    AggregateItem,
    DeliveryItem,
    FactItem,
    IdentityItem,
    OrderItem,
    ReceiptItem,
    WaitingOrderItem,
)
from siyu.storage.reading import partition, read
from siyu.storage.receipts import Receipt, to_receipt
from siyu.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands about an event before it is recorded."""

    order: Order
    version: int
    delivery_digest: str | None
    fact_digest: str | None
    buyer_member: str | None
    receipt: Receipt | None
    aggregate: Aggregate | None


# Who a buyer was found to be lately, so that their figures can be read along with the rest. It is a
# guess that the same read confirms: the buyer's identity is in it.
_recent_buyers: OrderedDict[str, str] = OrderedDict()
RECENT_BUYERS = 10_000


def look_up(
    order_key: str, delivery: keys.Key, fact: keys.Key, buyer_key: str | None, receipt: str | None
) -> Seen:
    """Everything that decides about one event, in one round trip (3 to 6 read units)."""
    buyer = keys.buyer(buyer_key) if buyer_key else None
    receipt_at = keys.receipt(receipt) if receipt else None
    guess = _recent_buyers.get(buyer_key) if buyer_key else None
    figures_at = keys.aggregate(guess) if guess else None
    found = read([keys.order(order_key), delivery, fact, buyer, receipt_at, figures_at])
    order, version = _order(order_key, found.get(OrderItem, keys.order(order_key)))
    delivered = found.get(DeliveryItem, delivery)
    recorded = found.get(FactItem, fact)
    link = found.get(IdentityItem, buyer)
    printed = found.get(ReceiptItem, receipt_at)
    aggregate = found.get(AggregateItem, figures_at)
    if buyer_key and link:
        _remember(buyer_key, link.member_id)
    return Seen(
        order,
        version,
        delivered.digest if delivered else None,
        recorded.digest if recorded else None,
        link.member_id if link else None,
        to_receipt(printed) if printed else None,
        to_aggregate(aggregate) if aggregate else None,
    )


def _remember(buyer_key: str, member_id: str) -> None:
    _recent_buyers[buyer_key] = member_id
    if len(_recent_buyers) > RECENT_BUYERS:
        _recent_buyers.popitem(last=False)


def look_up_for(
    order_keys: Iterable[str], member_id: str
) -> tuple[dict[str, tuple[Order, int]], Aggregate]:
    """Orders with their versions, and a member's aggregate, in one round trip.

    Raises LookupError for somebody who never joined.
    """
    where = {order_key: keys.order(order_key) for order_key in order_keys}
    figures_at = keys.aggregate(member_id)
    found = read([*where.values(), figures_at])
    aggregate = found.get(AggregateItem, figures_at)
    if aggregate is None:
        raise LookupError("no aggregate for this member")
    orders = {key: _order(key, found.get(OrderItem, at)) for key, at in where.items()}
    return orders, to_aggregate(aggregate)


def waiting_for(buyer_key: str) -> Iterator[str]:
    """The keys of the orders that wait for a buyer to join."""
    for item in partition(keys.buyer_pk(buyer_key), keys.WAITING_PREFIX):
        if isinstance(item, WaitingOrderItem):
            yield item.order_key


def add_fact(
    write: Transaction,
    delivery: keys.Key,
    fact: keys.Key,
    *,
    digest: str,
    delivery_id: str,
    body: str,
    received_at: datetime,
) -> None:
    """Record delivery and fact, each for ever and only once."""
    received_at = to_utc(received_at)
    write.create("delivery", DeliveryItem(*delivery, digest=digest, received_at=received_at))
    write.create(
        "fact",
        FactItem(*fact, digest=digest, delivery_id=delivery_id, received_at=received_at, body=body),
    )


def put_order(write: Transaction, order: Order, version: int) -> None:
    """Write an order over the version before `version`."""
    key = keys.order_key(order.source, order.order_id)
    paid = order.paid
    item = OrderItem(
        *keys.order(key),
        order_key=key,
        refunds=dict(order.refunds) or None,
        refunded_at=_utc(order.refunded_at),
        refund_buyer_key=order.refund_buyer_key,
        cancelled_at=_utc(order.cancelled_at),
        completed_at=_utc(order.completed_at),
        member_id=order.member_id,
        version=version,
    )
    if paid is not None:
        item.paid_minor = paid.amount_minor
        item.paid_at = to_utc(paid.occurred_at)
        item.buyer_key = paid.buyer_key
        item.receipt_key = paid.receipt
        item.store_id = paid.store_id
    contribution = order.contribution
    if order.member_id is not None and contribution is not None:
        at = paid.occurred_at if paid else order.refunded_at
        instant = to_utc(at).isoformat() if at else ""
        item.GSI1PK, item.GSI1SK = keys.order_of_member(order.member_id, instant, key)
    write.replace("order", item)


def let_wait(write: Transaction, buyer_key: str, order_key: str) -> None:
    """Leave an order where its buyer will find it, provided the buyer has not joined meanwhile."""
    key = keys.waiting_order(buyer_key, order_key)
    write.put("waiting", WaitingOrderItem(*key, order_key=order_key))
    write.check("buyer", IdentityItem, keys.buyer(buyer_key), IdentityItem.PK.does_not_exist())


def stop_waiting(write: Transaction, buyer_key: str, order_key: str) -> None:
    """Take back what `let_wait` left."""
    key = keys.waiting_order(buyer_key, order_key)
    write.delete("waiting", WaitingOrderItem(*key, order_key=order_key))


def _order(order_key: str, item: OrderItem | None) -> tuple[Order, int]:
    source, order_id = keys.order_parts(order_key)
    return (Order(source, order_id), 0) if item is None else (to_order(item), int(item.version))


def to_order(item: Any) -> Order:
    """The order behind an item."""
    source, order_id = keys.order_parts(item.order_key)
    paid = None
    if item.paid_minor is not None:
        paid = Paid(
            int(item.paid_minor), item.paid_at, item.buyer_key, item.receipt_key, item.store_id
        )
    return Order(
        source,
        order_id,
        paid,
        item.refunds or {},
        item.refunded_at,
        item.refund_buyer_key,
        item.cancelled_at,
        item.completed_at,
        item.member_id,
    )


def _utc(instant: datetime | None) -> datetime | None:
    return to_utc(instant) if instant else None
