"""Orders, their facts and deliveries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.domain.calendar import to_utc
from siyu.domain.orders import Order, Paid
from siyu.domain.receipts import Receipt
from siyu.storage import figures, keys
from siyu.storage.figures import Lineage, to_aggregate
from siyu.storage.items import (
    AggregateItem,
    DeliveryItem,
    FactItem,
    OrderItem,
    ReceiptItem,
)
from siyu.storage.member_items import IdentityItem
from siyu.storage.reading import Found, indexed, read
from siyu.storage.receipts import to_receipt
from siyu.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Question:
    """Where to look for everything that decides about one event."""

    order_key: str
    delivery: keys.Key
    fact: keys.Key
    buyer_key: str | None
    receipt_key: str | None

    @property
    def buyer(self) -> keys.Key | None:
        return keys.buyer(self.buyer_key) if self.buyer_key else None

    @property
    def receipt(self) -> keys.Key | None:
        return keys.receipt(self.receipt_key) if self.receipt_key else None


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands about an event before it is recorded."""

    order: Order
    version: int
    delivery_digest: str | None
    fact_digest: str | None
    buyer_member: str | None
    receipt: Receipt | None


def look_up(questions: Sequence[Question]) -> list[Seen]:
    """What decides about some events, in one round trip per 100 keys: 3 to 5 keys an event."""
    found = read(
        key
        for ask in questions
        for key in (keys.order(ask.order_key), ask.delivery, ask.fact, ask.buyer, ask.receipt)
    )
    return [_seen(ask, found) for ask in questions]


def _seen(ask: Question, found: Found) -> Seen:
    order, version = _order(ask.order_key, found.get(OrderItem, keys.order(ask.order_key)))
    delivered = found.get(DeliveryItem, ask.delivery)
    recorded = found.get(FactItem, ask.fact)
    link = found.get(IdentityItem, ask.buyer)
    printed = found.get(ReceiptItem, ask.receipt)
    return Seen(
        order,
        version,
        delivered.digest if delivered else None,
        recorded.digest if recorded else None,
        link.member_id if link else None,
        to_receipt(printed) if printed else None,
    )


def look_up_for(
    order_keys: Iterable[str], member_id: str
) -> tuple[dict[str, tuple[Order, int]], Lineage]:
    """Orders with their versions, and a member's figures, in one round trip.

    Raises LookupError for somebody who never joined.
    """
    where = {order_key: keys.order(order_key) for order_key in order_keys}
    figures_at = keys.aggregate(member_id)
    found = read([*where.values(), figures_at])
    aggregate = found.get(AggregateItem, figures_at)
    if aggregate is None:
        raise LookupError("no aggregate for this member")
    orders = {key: _order(key, found.get(OrderItem, at)) for key, at in where.items()}
    return orders, figures.above(to_aggregate(aggregate))


def of_member(member_id: str) -> Iterator[Order]:
    """An account's orders, oldest first; the index may lag a moment behind."""
    return map(to_order, indexed(OrderItem, keys.member_pk(member_id), keys.ORDERS_PREFIX))


def add_fact(
    write: Transaction,
    about: Question,
    *,
    digest: str,
    delivery_id: str,
    body: str,
    received_at: datetime,
) -> None:
    """Record delivery and fact, each for ever and only once."""
    received_at = to_utc(received_at)
    write.create("delivery", DeliveryItem(*about.delivery, digest=digest, received_at=received_at))
    write.create(
        "fact",
        FactItem(
            *about.fact, digest=digest, delivery_id=delivery_id, received_at=received_at, body=body
        ),
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
