"""Orders, the sales they tell of, their facts and deliveries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from siyu.domain.calendar import to_utc
from siyu.domain.orders import Order
from siyu.domain.receipts import Receipt
from siyu.domain.sales import SALE_SOURCE
from siyu.storage import keys
from siyu.storage.aggregates import to_aggregate
from siyu.storage.items import (
    AggregateItem,
    DeliveryItem,
    FactItem,
    OrderItem,
    ReceiptItem,
)
from siyu.storage.member_items import IdentityItem
from siyu.storage.members import Identity
from siyu.storage.order_items import BUYER_KINDS, buyers_of, to_order
from siyu.storage.reading import Found, indexed, read
from siyu.storage.receipts import to_receipt
from siyu.storage.transaction import Transaction

if TYPE_CHECKING:
    from siyu.storage.figures import Lineage


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
class Standing:
    """An order as it stands, with its version; version 0 was never written."""

    order: Order
    version: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands about an event before it is recorded; `sale` if its order names a payment."""

    order: Order
    version: int
    delivery_digest: str | None
    fact_digest: str | None
    buyer_member: str | None
    receipt: Receipt | None
    sale: Standing | None


def sale_key(payment_id: str) -> str:
    """The name of the sale that a payment paid for."""
    return keys.order_key(SALE_SOURCE, payment_id)


def look_up(questions: Sequence[Question]) -> list[Seen]:
    """What decides about some events, in one round trip per 100 keys: 3 to 8 keys an event.

    One more where an order that is already known says what the event does not.
    """
    found = read(
        key
        for ask in questions
        for key in (keys.order(ask.order_key), ask.delivery, ask.fact, *ask.places)
    )
    orders = [_standing(ask.order_key, found) for ask in questions]
    wider = [ask.over(standing.order) for ask, standing in zip(questions, orders, strict=True)]
    asked = {key for ask in questions for key in ask.places}
    late = {key for ask in wider for key in ask.places if key is not None and key not in asked}
    if late:
        found = found.and_also(read(late))
    return [_seen(ask, standing, found) for ask, standing in zip(wider, orders, strict=True)]


def _seen(ask: Question, standing: Standing, found: Found) -> Seen:
    delivered = found.get(DeliveryItem, ask.delivery)
    recorded = found.get(FactItem, ask.fact)
    links = [found.get(IdentityItem, keys.identity(*buyer)) for buyer in ask.buyers]
    printed = found.get(ReceiptItem, ask.receipt)
    return Seen(
        standing.order,
        standing.version,
        delivered.digest if delivered else None,
        recorded.digest if recorded else None,
        next((link.member_id for link in links if link is not None), None),
        to_receipt(printed) if printed else None,
        _standing(sale_key(ask.payment_id), found) if ask.payment_id else None,
    )


def look_up_for(order_keys: Iterable[str], member_id: str) -> "tuple[dict[str, Standing], Lineage]":
    """Orders with their versions, and a member's figures, in one round trip.

    Raises LookupError for somebody who never joined.
    """
    # Whoever attaches orders has loaded them; who only looks at orders is spared them.
    from siyu.storage import figures, schemes  # noqa: PLC0415

    wanted, figures_at = list(order_keys), keys.aggregate(member_id)
    found = read([*map(keys.order, wanted), figures_at, keys.PUBLISHED])
    aggregate = found.get(AggregateItem, figures_at)
    if aggregate is None:
        raise LookupError("no aggregate for this member")
    orders = {key: _standing(key, found) for key in wanted}
    return orders, figures.above(to_aggregate(aggregate, schemes.published(found)))


def find(order_keys: Iterable[str]) -> Mapping[str, Standing]:
    """Some orders by their keys, in one round trip per 100; unknown ones have version 0."""
    wanted = list(order_keys)
    found = read(map(keys.order, wanted))
    return {key: _standing(key, found) for key in wanted}


def of_member(member_id: str) -> Iterator[Order]:
    """An account's orders, oldest first; the index may lag a moment behind."""
    return map(to_order, indexed(OrderItem, keys.member_pk(member_id), keys.ORDERS_PREFIX))


def tellings_of_member(member_id: str) -> Iterator[Order]:
    """An account's orders that are counted in a sale, oldest first; the index may lag."""
    return map(to_order, indexed(OrderItem, keys.member_pk(member_id), keys.TELLINGS_PREFIX))


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


def _standing(order_key: str, found: Found) -> Standing:
    item = found.get(OrderItem, keys.order(order_key))
    if item is None:
        return Standing(Order(*keys.order_parts(order_key)), 0)
    return Standing(to_order(item), int(item.version))
