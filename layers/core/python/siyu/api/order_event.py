"""Canonical order events to facts."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from pydantic import ValidationError

from siyu.api.order_models import (
    EVENT,
    AnyEvent,
    BuyerData,
    DeliveryData,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderPaid,
    OrderRefunded,
    PaidData,
)
from siyu.channels.reading import NOT_UNDERSTOOD
from siyu.domain.calendar import to_utc
from siyu.domain.codes import CodeKind
from siyu.domain.order_facts import Cancelled, Completed, Created, Fact, Line, Paid, Refunded
from siyu.domain.orders import standalone_order_id
from siyu.domain.places import normalised, normalised_phone
from siyu.errors import UnprocessableEventError
from siyu.services import codes, identities
from siyu.services.order_events import OrderEvent
from siyu.settings import settings

FUTURE_TOLERANCE = timedelta(days=1)


def read_event(
    source: str, delivery_id: str, received_at: datetime, content: Mapping[str, Any]
) -> OrderEvent:
    """The order event behind canonical content. Raises UnprocessableEventError."""
    try:
        event = EVENT.validate_python(content)
    except ValidationError as error:
        # The cause holds the values it found wrong, and a logged exception shows its causes.
        raise UnprocessableEventError(NOT_UNDERSTOOD, _where(error)) from None
    data = event.data
    currency = getattr(data, "currency", None)
    if currency not in (None, settings().currency):
        raise UnprocessableEventError("foreign_currency", f"{currency} is not the brand's currency")
    if data.occurred_at - FUTURE_TOLERANCE > received_at:
        raise UnprocessableEventError("from_the_future", "it occurred after it was received")
    order_id, fact = _fact(source, event)
    if isinstance(fact, Refunded) and event.data.order_id is not None:
        fact = replace(fact, buyer_key=None)  # the sale says who bought
    canonical = _canonical(event.type, order_id, fact)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = _business_key(fact, digest)
    if isinstance(fact, Paid) and fact.occurred_at > received_at:
        fact = replace(fact, told_at=to_utc(received_at))  # not part of what was said
    return OrderEvent(source, delivery_id, received_at, order_id, key, fact, digest, canonical)


def _fact(source: str, event: AnyEvent) -> tuple[str, Fact]:
    """Order id and fact."""
    at = to_utc(event.data.occurred_at)
    match event:
        case OrderPaid(data=data):
            return data.order_id, _paid(source, data, at)
        case OrderRefunded(data=data):
            order_id = data.order_id or standalone_order_id(data.refund_id)
            buyer = _buyer_key(source, data.buyer_id)
            return order_id, Refunded(data.refund_id, data.refunded_minor, at, buyer)
        case OrderCreated(data=data):
            return data.order_id, Created(at)
        case OrderCancelled(data=data):
            return data.order_id, Cancelled(at)
        case OrderCompleted(data=data):
            return data.order_id, Completed(at)
    assert_never(event)


def _paid(source: str, data: PaidData, at: datetime) -> Paid:
    return Paid(
        data.paid_minor,
        at,
        _buyer_key(source, data.buyer_id),
        _receipt(data.receipt_token),
        data.store_id,
        data.guide_id,
        data.till_id,
        _people(data.buyer),
        data.payment_id,
        data.payment_only,
        tuple(Line(one.sku, one.quantity, one.amount_minor) for one in data.lines),
        delivered_to=_delivered_to(data.delivery),
    )


def _business_key(fact: Fact, digest: str) -> str:
    """What makes a repeat a repeat: each different telling is a fact of its own.

    The fold keeps one sale, the earliest instants and the largest amounts, so a sender who reports
    one thing twice, a second apart or more fully, is no conflict; a contradiction is.
    """
    at = fact.occurred_at.isoformat()
    match fact:
        case Paid():
            return f"paid#{digest[:32]}"
        case Refunded():
            whose = f"#{fact.buyer_key[:16]}" if fact.buyer_key else ""
            return f"refund#{fact.refund_id}#{fact.amount_minor}#{at}{whose}"
        case Created():
            return f"created#{at}"
        case Cancelled():
            return f"cancelled#{at}"
        case Completed():
            return f"completed#{at}"
    assert_never(fact)


def _people(buyer: BuyerData | None) -> tuple[str, ...]:
    """`<kind>#<index>` of everything WeChat calls the buyer, sorted."""
    found = []
    if buyer and buyer.unionid:
        found.append(identities.unionid(buyer.unionid))
    if buyer and buyer.openid:
        found.append(identities.openid_in(buyer.app_id or settings().wechat_app_id, buyer.openid))
    return tuple(sorted("#".join(identity) for identity in found))


def _delivered_to(delivery: DeliveryData | None) -> tuple[str, ...]:
    """Marks of where the goods go and of whose number is called, sorted, as far as they tell one
    place from another."""
    if delivery is None:
        return ()
    places = {
        "delivery": normalised(delivery.address or ""),
        "delivery_phone": normalised_phone(delivery.phone or ""),
    }
    marks = (identities.mark(kind, place) for kind, place in places.items())
    return tuple(sorted(mark for mark in marks if mark is not None))


def _buyer_key(source: str, buyer_id: str | None) -> str | None:
    return identities.buyer(source, buyer_id)[1] if buyer_id else None


def _receipt(token: str | None) -> str | None:
    """The receipt printed for an order; a token we did not sign is none, the order still counts."""
    code = codes.trusted(token, {CodeKind.RECEIPT}) if token else None
    return code.key if code else None


def _canonical(kind: str, order_id: str, fact: Fact) -> str:
    """The fact as text; what it does not say is left out, so a new field changes no old digest."""
    said = {name: value for name, value in asdict(fact).items() if value not in (None, (), False)}
    said["occurred_at"] = fact.occurred_at.isoformat()
    return json.dumps({"type": kind, "order_id": order_id, **said}, sort_keys=True)


def _where(error: ValidationError) -> str:
    """Which fields are wrong and how, without their values: they may be personal."""
    return "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {item['type']}"
        for item in error.errors(include_url=False, include_input=False)
    )
