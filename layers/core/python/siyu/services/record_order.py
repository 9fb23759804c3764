"""Fold one accepted event into its order and its member's figures, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from siyu.domain.order_facts import Paid
from siyu.domain.orders import Order
from siyu.domain.receipts import Receipt
from siyu.domain.sales import with_part
from siyu.errors import ConflictingFactError, UnprocessableEventError
from siyu.services.order_events import OrderEvent
from siyu.services.order_lookup import (
    Ahead,
    is_ours,
    lead_of,
    paper_holder,
    question_of,
    read_ahead,
)
from siyu.storage import erasures, figures, members, order_events, receipts, waiting_orders
from siyu.storage.figures import Lineage
from siyu.storage.order_events import Seen
from siyu.storage.order_items import buyers_of, put_order
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
    told = seen.order.apply(event.fact)
    lead = lead_of(event, told, ahead)
    after = replace(told, member_id=ahead.member_id, lead=lead)
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
    order_events.add_fact(
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
    figures.exchange(write, _exchanges(plan, ahead))
    _meet_receipt(write, event, order, seen)
    _meet_buyer(write, event, order, seen)
    _count(write, plan)
    write.commit()
    return Outcome.RECORDED


def _count(write: Transaction, plan: Plan) -> None:
    """By how much the shop's orders and net sales move, whoever bought; a sale that several sources
    tell of is one."""
    pairs = [(plan.before, plan.after)]
    if plan.counted is not plan.after:
        pairs.append((plan.counted_before, plan.counted))
    moves = [(old.contribution, new.contribution) for old, new in pairs]
    orders = sum((new.orders if new else 0) - (old.orders if old else 0) for old, new in moves)
    net = sum((new.net_minor if new else 0) - (old.net_minor if old else 0) for old, new in moves)
    if orders:
        write.count("OrderCounted", orders)
    if net:
        write.count("NetSalesMinor", net)


def _exchanges(plan: Plan, ahead: Ahead) -> list[figures.Exchange]:
    before, order = plan.before, plan.after
    exchanges = moved(plan.counted_before, plan.counted, ahead.lineage)
    if ahead.seen.sale is None:
        return exchanges
    if before.contribution is not None:
        # It counted by itself, until somebody said what payment it belongs to.
        exchanges += moved(before, order, ahead.lineage)
    elif order.member_id not in (None, before.member_id, plan.counted.member_id):
        # Somebody else has the sale. Whoever forgets this member meanwhile has to see the order.
        exchanges.append((ahead.lineage(order.member_id), None, None))
    return exchanges


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
    """Leave the order, and later its buyer, at its receipt; another sale's stays as it is.

    A claim that lapsed is gone. Who holds the paper of an order that is somebody else's keeps it.
    """
    key = event.fact.receipt if isinstance(event.fact, Paid) else None
    receipt = seen.receipt or (Receipt(key) if key else None)
    if receipt is None or not is_ours(receipt, event, seen):
        return
    buyer_key = receipt.buyer_key or order.buyer_key
    if receipt.order_key is None:
        claimed_at = receipt.claimed_at if order.member_id else None
        met = replace(
            receipt, order_key=event.order_key, claimed_by=order.member_id, claimed_at=claimed_at
        )
    else:
        met = receipt
    met = replace(met, buyer_key=buyer_key)
    if met != receipt:
        receipts.put(write, replace(met, version=receipt.version + 1))


def _meet_buyer(write: Transaction, event: OrderEvent, order: Order, seen: Seen) -> None:
    """Let the order wait at every new name of its buyer, or tie its buyer to who holds its paper.

    Holding the paper proves a shop's buyer, never who somebody is for WeChat.
    """
    if seen.buyer_member is not None:
        return
    if order.member_id is None:
        for buyer in sorted(set(buyers_of(order)) - set(buyers_of(seen.order))):
            waiting_orders.leave(write, buyer, event.order_key)
    elif order.buyer_key is not None and paper_holder(event, seen) == order.member_id:
        named = ("buyer", order.buyer_key)
        members.link_identity(write, order.member_id, named, "receipt", event.received_at)
        members.name_identities(write, order.member_id, [named])
