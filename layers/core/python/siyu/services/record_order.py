"""Fold one accepted event into its order and its member's figures, in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from siyu.domain.orders import Fact, Order, Paid
from siyu.errors import ConflictingFactError, UnprocessableEventError
from siyu.storage import figures, keys, members, orders, receipts
from siyu.storage.orders import Seen
from siyu.storage.receipts import Receipt
from siyu.storage.transaction import Transaction, retrying


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """An event as its receiver accepted it; `digest` identifies the content of its fact."""

    source: str
    delivery_id: str
    received_at: datetime
    order_id: str
    business_key: str
    fact: Fact
    digest: str
    body: str

    @property
    def order_key(self) -> str:
        return keys.order_key(self.source, self.order_id)

    @property
    def buyer_key(self) -> str | None:
        """The buyer, where this event decides about it: what a refund says of a sale does not."""
        alone = Order(self.source, self.order_id).apply(self.fact)
        return alone.buyer_key


class Outcome(StrEnum):
    """What an event came to."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"


def record_order(event: OrderEvent) -> Outcome:
    """Record an event, whatever came before it and however often it comes.

    Raises UnprocessableEventError when delivery or fact was recorded with other content,
    ContentionError when it should be delivered again.
    """
    return retrying(lambda: _record(event))


def _record(event: OrderEvent) -> Outcome:
    delivery_at = keys.delivery(event.source, event.delivery_id)
    fact_at = keys.fact(event.order_key, event.business_key)
    buyer_key = event.buyer_key
    receipt_key = event.fact.receipt if isinstance(event.fact, Paid) else None
    seen = orders.look_up(event.order_key, delivery_at, fact_at, buyer_key, receipt_key)
    if _known(event, seen):
        return Outcome.DUPLICATE
    order = seen.order.apply(event.fact)
    order = replace(order, member_id=order.member_id or _member(event, order, seen))
    write = Transaction()
    orders.add_fact(
        write,
        delivery_at,
        fact_at,
        digest=event.digest,
        delivery_id=event.delivery_id,
        body=event.body,
        received_at=event.received_at,
    )
    orders.put_order(write, order, seen.version + 1)
    if order.member_id is not None:
        _add_to_figures(write, order.member_id, order, seen)
    _meet_receipt(write, event, order, seen)
    _meet_buyer(write, event, order, seen)
    write.commit()
    return Outcome.RECORDED


def _add_to_figures(write: Transaction, member_id: str, order: Order, seen: Seen) -> None:
    """Exchange what the order contributed to its member for what it contributes now."""
    old = seen.order.contribution if seen.order.member_id == member_id else None
    if old == order.contribution:
        return
    aggregate = seen.aggregate
    if aggregate is None or aggregate.member_id != member_id:
        aggregate = figures.get(member_id)
    figures.put(write, aggregate, aggregate.figures.exchange(old, order.contribution))


def _known(event: OrderEvent, seen: Seen) -> bool:
    if seen.delivery_digest not in (None, event.digest):
        raise UnprocessableEventError("reused_delivery_id", "the id came with other content before")
    if seen.fact_digest not in (None, event.digest):
        raise ConflictingFactError("the fact was recorded with other content before")
    return seen.fact_digest is not None


def _member(event: OrderEvent, order: Order, seen: Seen) -> str | None:
    """Whose order it is: the platform's word on the buyer outweighs holding the paper."""
    if seen.buyer_member is not None and order.buyer_key == event.buyer_key:
        return seen.buyer_member
    receipt = seen.receipt
    if receipt is None or receipt.order_key is not None:
        return None
    return receipt.claimed_by


def _meet_receipt(write: Transaction, event: OrderEvent, order: Order, seen: Seen) -> None:
    """Leave the order at its receipt; a receipt already taken by another order stays as it is."""
    key = order.paid.receipt if isinstance(event.fact, Paid) and order.paid else None
    receipt = seen.receipt or (Receipt(key) if key else None)
    if receipt is None or receipt.order_key is not None:
        return
    receipts.put(
        write,
        replace(
            receipt,
            order_key=event.order_key,
            buyer_key=order.buyer_key,
            version=receipt.version + 1,
        ),
    )


def _meet_buyer(write: Transaction, event: OrderEvent, order: Order, seen: Seen) -> None:
    """Tie the buyer to the member a receipt revealed, or let the order wait for its buyer.

    Only the event that names the buyer does so; later ones find the order waiting already.
    """
    if order.buyer_key is None or order.buyer_key == seen.order.buyer_key:
        return
    if seen.buyer_member is not None:
        return
    if order.member_id is None:
        orders.let_wait(write, order.buyer_key, event.order_key)
    elif seen.receipt is not None and seen.receipt.claimed_by == order.member_id:
        members.link_identity(write, order.member_id, "buyer", order.buyer_key, event.received_at)
