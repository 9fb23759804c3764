"""Orders to items and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from siyu.domain.calendar import to_utc
from siyu.domain.order_facts import Line, Paid
from siyu.domain.orders import Lead, Order, Part
from siyu.storage import keys
from siyu.storage.items import OrderItem
from siyu.storage.members import Identity
from siyu.storage.transaction import Transaction

# By what an order's buyer is looked for: what is known across apps first.
BUYER_KINDS = ("unionid", "openid", "buyer")


def buyers_of(order: Order) -> tuple[Identity, ...]:
    """By what the buyer of an order is known, the best first."""
    named = [name.partition("#") for name in order.people]
    found = [(kind, index) for kind, _, index in named]
    if order.buyer_key is not None:
        found.append(("buyer", order.buyer_key))
    return tuple(sorted(found, key=lambda identity: BUYER_KINDS.index(identity[0])))


def lead_by(kind: str) -> Lead:
    """What an identity of this kind is for an order that names it."""
    return Lead.NUMBER if kind == "buyer" else Lead.WECHAT


def put_order(write: Transaction, order: Order, version: int) -> None:
    """Write an order over the version before `version`."""
    key = keys.order_key(order.source, order.order_id)
    item = OrderItem(
        *keys.order(key),
        order_key=key,
        refunds=dict(sorted(order.refunds.items())) or None,
        refunded_at=_utc(order.refunded_at),
        refund_buyer_key=order.refund_buyer_key,
        created_at=_utc(order.created_at),
        cancelled_at=_utc(order.cancelled_at),
        completed_at=_utc(order.completed_at),
        member_id=order.member_id,
        lead=int(order.lead) or None,
        parts={one: _part_fields(part) for one, part in sorted(order.parts.items())} or None,
        version=version,
    )
    paid = order.paid
    if paid is not None:
        item.paid_minor = paid.amount_minor
        item.paid_at = to_utc(paid.occurred_at)
        item.buyer_key = paid.buyer_key
        item.receipt_key = paid.receipt
        item.store_id = paid.store_id
        item.guide_id = paid.guide_id
        item.till_id = paid.till_id
        item.people = list(paid.people) or None
        item.payment_id = paid.payment_id
        item.payment_only = paid.payment_only or None
        item.lines = _lines_fields(paid.lines) or None
        item.told_at = _utc(paid.told_at)
        item.delivered_to = set(paid.delivered_to) or None
    at = paid.occurred_at if paid else order.refunded_at
    if order.member_id is not None and at is not None:
        index = keys.telling_of_member if order.payment_id else keys.order_of_member
        item.GSI1PK, item.GSI1SK = index(order.member_id, to_utc(at).isoformat(), key)
    write.replace("sale" if order.parts else "order", item)


def to_order(item: Any) -> Order:
    """The order behind an item."""
    source, order_id = keys.order_parts(item.order_key)
    paid = None
    if item.paid_minor is not None:
        paid = Paid(
            int(item.paid_minor),
            item.paid_at,
            item.buyer_key,
            item.receipt_key,
            item.store_id,
            item.guide_id,
            item.till_id,
            tuple(item.people or ()),
            item.payment_id,
            bool(item.payment_only),
            _to_lines(item.lines or ()),
            item.told_at,
            tuple(sorted(item.delivered_to or ())),
        )
    return Order(
        source,
        order_id,
        paid,
        item.refunds or {},
        item.refunded_at,
        item.refund_buyer_key,
        item.created_at,
        item.cancelled_at,
        item.completed_at,
        item.member_id,
        {key: _to_part(fields) for key, fields in (item.parts or {}).items()},
        Lead(int(item.lead or 0)),
    )


def _part_fields(part: Part) -> dict[str, Any]:
    """What a sale keeps of an order; what is not said is left out, for an item should be small."""
    paid = part.paid
    fields = {
        "paid": paid.amount_minor,
        "at": to_utc(paid.occurred_at).isoformat(),
        "told": to_utc(paid.told_at).isoformat() if paid.told_at else None,
        "back": part.given_back_minor,
        "member": part.member_id,
        "lead": int(part.lead),
        "store": paid.store_id,
        "guide": paid.guide_id,
        "till": paid.till_id,
        "payment_only": paid.payment_only,
    }
    return {name: value for name, value in fields.items() if value}


def _to_part(fields: Mapping[str, Any]) -> Part:
    paid = Paid(
        fields["paid"],
        datetime.fromisoformat(fields["at"]),
        store_id=fields.get("store"),
        guide_id=fields.get("guide"),
        till_id=fields.get("till"),
        payment_only=fields.get("payment_only", False),
        told_at=datetime.fromisoformat(fields["told"]) if "told" in fields else None,
    )
    return Part(paid, fields.get("back", 0), fields.get("member"), Lead(fields.get("lead", 0)))


def _lines_fields(lines: tuple[Line, ...]) -> list[Any]:
    return [[line.sku, line.quantity, line.amount_minor] for line in lines]


def _to_lines(fields: Any) -> tuple[Line, ...]:
    return tuple(Line(sku, quantity, amount) for sku, quantity, amount in fields)


def _utc(instant: datetime | None) -> datetime | None:
    return to_utc(instant) if instant else None
