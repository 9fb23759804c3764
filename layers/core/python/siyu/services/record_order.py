"""Fold one accepted event into its order and its member's figures, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from siyu.domain.orders import Fact, Order, Paid
from siyu.domain.receipts import Receipt
from siyu.errors import ConflictingFactError, UnprocessableEventError
from siyu.storage import erasures, figures, keys, members, orders, receipts, waiting_orders
from siyu.storage.figures import Lineage
from siyu.storage.orders import Question, Seen
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


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was read about an event: all that decides, and the figures of the order's member."""

    seen: Seen
    member_id: str | None
    lineage: Lineage


def read_ahead(events: Sequence[OrderEvent]) -> list[Ahead]:
    """Read what decides about some events: two round trips for all of them together."""
    answers = orders.look_up([_question(event) for event in events])
    owners = [_owner(event, seen) for event, seen in zip(events, answers, strict=True)]
    known = figures.get_many({owner for owner in owners if owner is not None})
    return [
        Ahead(seen, owner, known.get(owner, ()) if owner else ())
        for seen, owner in zip(answers, owners, strict=True)
    ]


def record_order(event: OrderEvent, ahead: Ahead | None = None) -> Outcome:
    """Record an event, whatever came before it and however often it comes.

    `ahead` may be outdated: then it is read again. Raises UnprocessableEventError when delivery or
    fact was recorded with other content, ContentionError when it should be delivered again.
    """
    given = iter([ahead] if ahead else [])
    return retrying(lambda: _record(event, next(given, None) or read_ahead([event])[0]))


def _record(event: OrderEvent, ahead: Ahead) -> Outcome:
    seen = ahead.seen
    if _known(event, seen):
        return Outcome.DUPLICATE
    order, body = replace(seen.order.apply(event.fact), member_id=ahead.member_id), event.body
    if any(one.gone for one in ahead.lineage):
        # Nothing that comes late may bring back who an erased member was.
        order, body = erasures.without_buyer(order), erasures.body_without_buyer(body)
    write = Transaction()
    orders.add_fact(
        write,
        _question(event),
        digest=event.digest,
        delivery_id=event.delivery_id,
        body=body,
        received_at=event.received_at,
    )
    orders.put_order(write, order, seen.version + 1)
    _add_to_figures(write, order, ahead)
    _meet_receipt(write, event, order, seen)
    _meet_buyer(write, event, order, ahead)
    write.commit()
    return Outcome.RECORDED


def _add_to_figures(write: Transaction, order: Order, ahead: Ahead) -> None:
    """Exchange what the order contributed to its member for what it contributes now."""
    before = ahead.seen.order
    old = before.contribution if before.member_id else None
    if ahead.member_id is None or (old == order.contribution and before.member_id):
        return
    if not ahead.lineage:
        raise LookupError("the order's member has no aggregate")
    figures.exchange(write, ahead.lineage, [(old, order.contribution)])


def _question(event: OrderEvent) -> Question:
    return Question(
        event.order_key,
        keys.delivery(event.source, event.delivery_id),
        keys.fact(event.order_key, event.business_key),
        event.buyer_key,
        event.fact.receipt if isinstance(event.fact, Paid) else None,
    )


def _owner(event: OrderEvent, seen: Seen) -> str | None:
    """Whose order it is: the platform's word on the buyer outweighs holding the paper."""
    if seen.fact_digest is not None:
        return None
    if seen.order.member_id is not None:
        return seen.order.member_id
    if seen.buyer_member is not None and seen.order.buyer_key in (None, event.buyer_key):
        return seen.buyer_member
    receipt = seen.receipt
    if receipt is None or receipt.order_key is not None:
        return None
    return receipt.claimant(event.received_at)


def _known(event: OrderEvent, seen: Seen) -> bool:
    if seen.delivery_digest not in (None, event.digest):
        raise UnprocessableEventError("reused_delivery_id", "the id came with other content before")
    if seen.fact_digest not in (None, event.digest):
        raise ConflictingFactError("the fact was recorded with other content before")
    return seen.fact_digest is not None


def _meet_receipt(write: Transaction, event: OrderEvent, order: Order, seen: Seen) -> None:
    """Leave the order at its receipt; a receipt already taken by another order stays as it is.

    The receipt is the order's owner's, whoever scanned it before; a claim that lapsed is gone.
    """
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
            claimed_by=order.member_id,
            claimed_at=receipt.claimed_at if order.member_id else None,
            version=receipt.version + 1,
        ),
    )


def _meet_buyer(write: Transaction, event: OrderEvent, order: Order, ahead: Ahead) -> None:
    """Tie the buyer to the member a receipt revealed, or let the order wait for its buyer.

    Only the event that names the buyer does so; later ones find the order waiting already.
    """
    seen = ahead.seen
    if order.buyer_key is None or order.buyer_key == seen.order.buyer_key:
        return
    if seen.buyer_member is not None:
        return
    if order.member_id is None:
        waiting_orders.leave(write, order.buyer_key, event.order_key)
    elif seen.receipt is not None:
        buyer = ("buyer", order.buyer_key)
        members.link_identity(write, order.member_id, buyer, "receipt", event.received_at)
        members.name_identities(write, order.member_id, [buyer])
