"""What decides about an event of an order, and what is kept of the event: fact and delivery."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.domain.orders import Lead, Order
from siyu.domain.receipts import Receipt
from siyu.storage import keys
from siyu.storage.items import DeliveryItem, FactItem, ReceiptItem
from siyu.storage.member_items import IdentityItem
from siyu.storage.members import Identity
from siyu.storage.order_items import BUYER_KINDS, buyers_of, lead_by
from siyu.storage.orders import Standing, sale_key, standing_of
from siyu.storage.reading import Found, partition, read
from siyu.storage.receipts import to_receipt
from siyu.storage.transaction import Transaction

# How the business keys of refunds begin (`siyu.api.order_event`).
REFUND = "refund#"


@dataclass(frozen=True, slots=True)
class Question:
    """Where to look for everything that decides about one event; `buyers` with the best first.

    `telling` says that it tells of the sale: then what the sale was known to be before decides too.
    """

    order_key: str
    delivery: keys.Key
    fact: keys.Key
    buyers: tuple[Identity, ...]
    receipt_key: str | None
    payment_id: str | None
    telling: bool

    @property
    def receipt(self) -> keys.Key | None:
        return keys.receipt(self.receipt_key) if self.receipt_key else None

    @property
    def sale(self) -> keys.Key | None:
        return keys.order(sale_key(self.payment_id)) if self.payment_id else None

    def over(self, order: Order) -> "Question":
        """The question, with what the order as it stands adds to it."""
        if not self.telling or order.paid is None:
            return replace(self, payment_id=self.payment_id or order.payment_id)
        named = {*self.buyers, *buyers_of(order)}
        return replace(
            self,
            buyers=tuple(sorted(named, key=lambda buyer: (BUYER_KINDS.index(buyer[0]), buyer))),
            receipt_key=self.receipt_key or order.paid.receipt,
            payment_id=self.payment_id or order.payment_id,
        )

    @property
    def places(self) -> list[keys.Key | None]:
        """The items but for the order itself, its delivery and its fact."""
        return [*(keys.identity(*buyer) for buyer in self.buyers), self.receipt, self.sale]


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands about an event before it is recorded; `sale` if its order names a payment.
    `buyer_lead` is what kind of name leads to `buyer_member`."""

    order: Order
    version: int
    delivery_digest: str | None
    fact_digest: str | None
    buyer_member: str | None
    receipt: Receipt | None
    sale: Standing | None
    buyer_lead: Lead = Lead.WECHAT


def look_up(questions: Sequence[Question]) -> list[Seen]:
    """What decides about some events, in one round trip per 100 keys: 3 to 8 keys an event.

    One more where an order that is already known says what the event does not.
    """
    found = read(
        key
        for ask in questions
        for key in (keys.order(ask.order_key), ask.delivery, ask.fact, *ask.places)
    )
    orders = [standing_of(ask.order_key, found) for ask in questions]
    wider = [ask.over(standing.order) for ask, standing in zip(questions, orders, strict=True)]
    asked = {key for ask in questions for key in ask.places}
    late = {key for ask in wider for key in ask.places if key is not None and key not in asked}
    if late:
        found = found.and_also(read(late))
    return [_seen(ask, standing, found) for ask, standing in zip(wider, orders, strict=True)]


def _seen(ask: Question, standing: Standing, found: Found) -> Seen:
    delivered = found.get(DeliveryItem, ask.delivery)
    recorded = found.get(FactItem, ask.fact)
    links = (
        (kind, found.get(IdentityItem, keys.identity(kind, name))) for kind, name in ask.buyers
    )
    leads = ((lead_by(kind), link.member_id) for kind, link in links if link is not None)
    buyer_lead, buyer_member = next(leads, (Lead.WECHAT, None))
    printed = found.get(ReceiptItem, ask.receipt)
    return Seen(
        standing.order,
        standing.version,
        delivered.digest if delivered else None,
        recorded.digest if recorded else None,
        buyer_member,
        to_receipt(printed) if printed else None,
        standing_of(sale_key(ask.payment_id), found) if ask.payment_id else None,
        buyer_lead,
    )


def refunded_at(order_key: str) -> dict[str, datetime]:
    """When each refund of an order went back, the first time of those that were told: a query."""
    found: dict[str, datetime] = {}
    facts = partition(*keys.fact(order_key, REFUND))
    bodies = (json.loads(item.body) for item in facts if isinstance(item, FactItem))
    for body in bodies:
        name, at = body["refund_id"], datetime.fromisoformat(body["occurred_at"])
        found[name] = min(found.get(name, at), at)
    return found


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
