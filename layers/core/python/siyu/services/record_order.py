"""Fold one accepted event into its order and its member's figures, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from siyu.domain.order_facts import Paid
from siyu.domain.orders import Order
from siyu.domain.receipts import Receipt
from siyu.domain.sales import with_part
from siyu.errors import ConflictingFactError, UnprocessableEventError
from siyu.services.order_events import OrderEvent, buyers_of
from siyu.services.order_lookup import Ahead, claimed, question_of, read_ahead
from siyu.storage import erasures, figures, members, orders, receipts, waiting_orders
from siyu.storage.figures import Lineage
from siyu.storage.order_items import put_order
from siyu.storage.orders import Seen
from siyu.storage.transaction import Transaction, retrying


class Outcome(StrEnum):
    """What an event came to."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Plan:
    """What recording an event would change. `counted` is what adds to figures: the order itself, or
    the sale it tells of."""

    outcome: Outcome
    before: Order
    after: Order
    counted_before: Order
    counted: Order


def record_order(event: OrderEvent, ahead: Ahead | None = None) -> Outcome:
    """Record an event, whatever came before it and however often it comes.

    `ahead` may be outdated: then it is read again. Raises UnprocessableEventError when delivery or
    fact was recorded with other content, ContentionError when it should be delivered again.
    """
    given = iter([ahead] if ahead else [])
    return retrying(lambda: _record(event, next(given, None) or read_ahead([event])[0]))


def plan_order(event: OrderEvent, ahead: Ahead) -> Plan:
    """What recording the event would change; writes nothing. Raises UnprocessableEventError."""
    seen = ahead.seen
    if _known(event, seen):
        counted = seen.sale.order if seen.sale else seen.order
        return Plan(Outcome.DUPLICATE, seen.order, seen.order, counted, counted)
    after = replace(seen.order.apply(event.fact), member_id=ahead.member_id)
    if seen.sale is None:
        return Plan(Outcome.RECORDED, seen.order, after, seen.order, after)
    before = seen.sale.order
    sale = with_part(before, event.order_key, after)
    return Plan(Outcome.RECORDED, seen.order, after, before, sale)


def _record(event: OrderEvent, ahead: Ahead) -> Outcome:
    plan, seen = plan_order(event, ahead), ahead.seen
    if plan.outcome is Outcome.DUPLICATE:
        return plan.outcome
    order, body = plan.after, event.body
    if any(one.gone for one in ahead.lineage(order.member_id)):
        # Nothing that comes late may bring back who an erased member was.
        order, body = erasures.without_buyer(order), erasures.body_without_buyer(body)
    write = Transaction()
    orders.add_fact(
        write,
        question_of(event),
        digest=event.digest,
        delivery_id=event.delivery_id,
        body=body,
        received_at=event.received_at,
    )
    put_order(write, order, seen.version + 1)
    if seen.sale is not None:
        put_order(write, plan.counted, seen.sale.version + 1)
    exchanged = moved(plan.counted_before, plan.counted, ahead.lineage)
    if order.member_id not in (None, seen.order.member_id, plan.counted.member_id):
        # Somebody else has the sale. Whoever forgets this member meanwhile has to see the order.
        exchanged.append((ahead.lineage(order.member_id), None, None))
    figures.exchange(write, exchanged)
    _meet_receipt(write, event, order, seen)
    _meet_buyer(write, event, order, seen)
    write.commit()
    return Outcome.RECORDED


def moved(
    before: Order, after: Order, lineage: Callable[[str | None], Lineage]
) -> list[figures.Exchange]:
    """What has to be exchanged in the figures of the members that an order, or a sale, belonged to
    and belongs to; nothing where nothing changed."""
    old, new = before.contribution, after.contribution
    if before.member_id == after.member_id:
        return (
            [] if after.member_id is None or old == new else [(lineage(after.member_id), old, new)]
        )
    exchanges: list[figures.Exchange] = []
    if before.member_id is not None:
        exchanges.append((lineage(before.member_id), old, None))
    if after.member_id is not None:
        exchanges.append((lineage(after.member_id), None, new))
    return exchanges


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
    key = event.fact.receipt if isinstance(event.fact, Paid) else None
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


def _meet_buyer(write: Transaction, event: OrderEvent, order: Order, seen: Seen) -> None:
    """Tie the buyer to the member a receipt revealed, or let the order wait for its buyer.

    Only the event that names the buyer does so; later ones find it waiting already.
    """
    news = set(buyers_of(order)) - set(buyers_of(seen.order))
    if not news or seen.buyer_member is not None:
        return
    if order.member_id is None:
        for buyer in sorted(news):
            waiting_orders.leave(write, buyer, event.order_key)
    elif order.buyer_key is not None and claimed(event, seen) == order.member_id:
        # Holding the paper proves a shop's buyer, never who somebody is for WeChat.
        buyer = ("buyer", order.buyer_key)
        members.link_identity(write, order.member_id, buyer, "receipt", event.received_at)
        members.name_identities(write, order.member_id, [buyer])
