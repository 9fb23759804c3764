"""Read what decides about order events, many at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from siyu.domain.order_facts import Paid
from siyu.domain.orders import Lead, Order
from siyu.domain.receipts import Receipt
from siyu.services.order_events import OrderEvent
from siyu.storage import figures, keys, order_events
from siyu.storage.figures import Lineage
from siyu.storage.order_events import Question, Seen


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was read about an event: all that decides, the member its order belongs to, and the
    figures of that member and of those it, or its sale, belonged to."""

    seen: Seen
    member_id: str | None
    figures: Mapping[str, Lineage]

    def lineage(self, member_id: str | None) -> Lineage:
        """The figures of a member and above; nothing for nobody."""
        return self.figures.get(member_id, ()) if member_id is not None else ()


def read_ahead(events: Sequence[OrderEvent]) -> list[Ahead]:
    """Read what decides about some events: two round trips for all of them together."""
    answers = order_events.look_up([question_of(event) for event in events])
    owners = [_owner(event, seen) for event, seen in zip(events, answers, strict=True)]
    news = [one for one in answers if one.fact_digest is None]
    former = [one.order.member_id for one in news]
    sellers = [one.sale.order.member_id for one in news if one.sale]
    known = figures.get_many({one for one in (*owners, *former, *sellers) if one is not None})
    return [Ahead(seen, owner, known) for seen, owner in zip(answers, owners, strict=True)]


def question_of(event: OrderEvent) -> Question:
    """Where to look for what decides about an event."""
    paid = event.fact if isinstance(event.fact, Paid) else None
    return Question(
        event.order_key,
        keys.delivery(event.source, event.delivery_id),
        keys.fact(event.order_key, event.business_key),
        event.buyers,
        paid.receipt if paid else None,
        paid.payment_id if paid else None,
        paid is not None,
    )


def _owner(event: OrderEvent, seen: Seen) -> str | None:
    """Whose order it is: the platform's word on the buyer outweighs holding the paper, whichever
    came first. Nothing is asked for a fact that stands already."""
    if seen.fact_digest is not None:
        return None
    holder, owner = paper_holder(event, seen), seen.order.member_id
    if seen.buyer_member is not None and owner in (None, holder):
        return seen.buyer_member
    return owner or holder


def lead_of(event: OrderEvent, order: Order, ahead: Ahead) -> Lead:
    """What leads to the member of an order as an event leaves it: the best that is known. A paper
    ties the shop's number of the buyer, if the order says it and nobody has it; what is said of
    somebody who was erased is not kept."""
    seen, member_id = ahead.seen, ahead.member_id
    if member_id is None:
        return Lead.WECHAT
    leads = [seen.order.lead] if member_id == seen.order.member_id else []
    if member_id == seen.buyer_member:
        leads.append(seen.buyer_lead)
    elif seen.buyer_member is None and member_id == paper_holder(event, seen):
        kept = order.buyer_key is not None and not any(one.gone for one in ahead.lineage(member_id))
        leads.append(Lead.NUMBER if kept else Lead.PAPER)
    return min(leads, default=Lead.PAPER)


def paper_holder(event: OrderEvent, seen: Seen) -> str | None:
    """Who holds the paper of an order, if it is this sale's."""
    receipt = seen.receipt
    if receipt is None or not is_ours(receipt, event, seen):
        return None
    return receipt.claimant(event.received_at)


def is_ours(receipt: Receipt, event: OrderEvent, seen: Seen) -> bool:
    """Whether no other sale has taken the receipt."""
    parts = seen.sale.order.parts if seen.sale else {}
    return receipt.order_key in {None, event.order_key, *parts}
