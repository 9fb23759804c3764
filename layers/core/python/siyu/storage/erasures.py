"""Erasures: who is to be forgotten, and the writes that take away what leads to them.

A member's id is random and stays: orders and ledger keep it as the pseudonym of nobody.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.domain.orders import Order
from siyu.storage import deliveries, keys, receipts, waiting_orders
from siyu.storage.items import FactItem, Item, OrderItem, ReceiptItem
from siyu.storage.member_items import (
    ConsentItem,
    CouponItem,
    ErasureItem,
    LookupItem,
    NeighbourItem,
    ProfileItem,
    ReferrerItem,
    RelationItem,
    WaitingLinkItem,
)
from siyu.storage.members import Identity
from siyu.storage.order_items import buyers_of, put_order, to_order
from siyu.storage.reading import partition, read
from siyu.storage.receipts import to_receipt
from siyu.storage.transaction import Transaction

PERSONAL = frozenset({"buyer_key", "people", "delivered_to"})


@dataclass(frozen=True, slots=True)
class Erasure:
    """`identities` are those whose traces are still to be removed, each with its account."""

    member_id: str
    accounts: tuple[str, ...]
    identities: Mapping[Identity, str]
    requested_at: datetime
    done_at: datetime | None = None


def find(member_id: str) -> Erasure | None:
    """The order to erase the person that this account spoke for."""
    where = keys.erasure(member_id)
    item = read([where]).get(ErasureItem, where)
    if item is None:
        return None
    named = {name.partition("#"): owner for name, owner in (item.identities or {}).items()}
    return Erasure(
        item.member_id,
        tuple(sorted(item.accounts)),
        {(kind, index): owner for (kind, _, index), owner in named.items()},
        item.requested_at,
        item.done_at,
    )


def put(write: Transaction, erasure: Erasure) -> None:
    """The order as it stands now."""
    named = {f"{kind}#{index}": owner for (kind, index), owner in erasure.identities.items()}
    write.put(
        "erasure",
        ErasureItem(
            *keys.erasure(erasure.member_id),
            member_id=erasure.member_id,
            accounts=set(erasure.accounts),
            identities=named or None,
            requested_at=to_utc(erasure.requested_at),
            done_at=to_utc(erasure.done_at) if erasure.done_at else None,
        ),
    )


def forget_wallet(member_id: str) -> None:
    """Delete coupons that were not redeemed, questions to WeCom, and where consents and a referral
    came from.

    A redemption is part of the books, a consent of the proof that it was given, and who brought
    whom of what the referrer has earned.
    """
    for item in partition(keys.member_pk(member_id)):
        unused = isinstance(item, CouponItem) and item.redeemed_at is None
        if unused or isinstance(item, LookupItem):
            item.delete()
        elif isinstance(item, ConsentItem) and item.address_mark is not None:
            item.update([ConsentItem.address_mark.remove()])
        elif isinstance(item, ReferrerItem) and (item.device or item.address):
            if item.address is not None:
                came_at = to_utc(item.bound_at).isoformat()
                NeighbourItem(*keys.neighbour(item.address, came_at, item.referee_id)).delete()
            marks = ReferrerItem.device, ReferrerItem.address, Item.GSI2PK, Item.GSI2SK
            item.update([mark.remove() for mark in marks])
        elif isinstance(item, ProfileItem) and (item.first_touch_device or item.devices):
            devices = ProfileItem.first_touch_device, ProfileItem.devices
            item.update([*(one.remove() for one in devices), ProfileItem.version.add(1)])


def forget_relations(identity: Identity, until: datetime) -> Iterator[Identity]:
    """Delete what lies at an identity since `until` or before, and give what it was linked to.

    What came later belongs to a new life. Each link is deleted after the caller dealt with its
    identity, so that nothing is forgotten half-way.
    """
    for item in partition(keys.identity_pk(*identity)):
        if isinstance(item, RelationItem) and item.since <= to_utc(until):
            item.delete()
        elif isinstance(item, WaitingLinkItem):
            yield (item.identity_kind, item.identity_index)
            item.delete()


def forget_buyer(order_key: str, stranger: str) -> None:
    """Take the buyer, and where the goods went, out of an order, its receipt and its facts; amounts
    and digests stay. Of a friend's goods stays that a `stranger` had some sent there on a day.

    The order is written even when it names no buyer: an event that was being recorded meanwhile
    fails, is decided again and finds that there is nobody to remember. Raises StaleReadError.
    """
    order_at = keys.order(order_key)
    found = read([order_at]).get(OrderItem, order_at)
    if found is None:
        return
    order = to_order(found)
    write = Transaction()
    put_order(write, without_buyer(order), int(found.version) + 1)
    for buyer in buyers_of(order):
        # It may have waited at several names, and only one of them came.
        waiting_orders.take_back(write, buyer, order_key)
    _forget_receipt(write, order)
    deliveries.forget(write, order, stranger)
    write.commit()
    for item in partition(keys.order_pk(order_key)):
        if isinstance(item, FactItem) and item.body != (kept := body_without_buyer(item.body)):
            item.update([FactItem.body.set(kept)])


def without_buyer(order: Order) -> Order:
    """The order as if nobody had said who bought, or where it goes."""
    paid = order.paid and replace(order.paid, buyer_key=None, people=(), delivered_to=())
    return replace(order, paid=paid, refund_buyer_key=None)


def body_without_buyer(body: str) -> str:
    """A fact's canonical text as if nobody had said who bought, or where it goes."""
    fields = json.loads(body)
    kept = {name: value for name, value in fields.items() if name not in PERSONAL}
    return body if kept == fields else json.dumps(kept, sort_keys=True)


def _forget_receipt(write: Transaction, order: Order) -> None:
    where = keys.receipt(order.paid.receipt) if order.paid and order.paid.receipt else None
    item = read([where]).get(ReceiptItem, where)
    mine = item is not None and item.order_key == keys.order_key(order.source, order.order_id)
    if item is not None and mine and item.buyer_key is not None:
        known = to_receipt(item)
        receipts.put(write, replace(known, buyer_key=None, version=known.version + 1))
