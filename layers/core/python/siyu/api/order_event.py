"""The canonical order event, as it travels in a Standard Webhooks body."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, assert_never

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from siyu.domain.calendar import to_utc
from siyu.domain.codes import CodeKind
from siyu.domain.money import MAX_AMOUNT_MINOR
from siyu.domain.orders import (
    STANDALONE_PREFIX,
    Cancelled,
    Completed,
    Fact,
    Paid,
    Refunded,
    standalone_order_id,
)
from siyu.errors import UnprocessableEventError
from siyu.services import codes, identities
from siyu.services.record_order import OrderEvent
from siyu.settings import settings

FUTURE_TOLERANCE = timedelta(days=1)


def _digits_kept(value: object) -> object:
    """Platforms send ids as numbers beyond 2^53; Python's integers keep every digit."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[
    str,
    BeforeValidator(_digits_kept),
    Field(
        min_length=1, max_length=64, pattern=rf"^[^{STANDALONE_PREFIX[0]}\x00-\x1f][^\x00-\x1f]*$"
    ),
]
Minor = Annotated[int, Field(strict=True, gt=0, le=MAX_AMOUNT_MINOR)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _Data(BaseModel):
    """Unknown fields are let be: senders add them without asking."""

    model_config = ConfigDict(frozen=True)

    # Near year 1 a time zone leads out of the calendar.
    occurred_at: Annotated[AwareDatetime, Field(gt=datetime(1970, 1, 1, tzinfo=UTC))]


class PaidData(_Data):
    order_id: Id
    paid_minor: Minor
    currency: Currency
    buyer_id: Id | None = None
    store_id: Id | None = None
    receipt_token: str | None = Field(default=None, max_length=64)


class RefundedData(_Data):
    order_id: Id | None = None
    refund_id: Id
    refunded_minor: Minor
    currency: Currency
    buyer_id: Id | None = None


class OrderData(_Data):
    order_id: Id


class OrderPaid(BaseModel):
    type: Literal["order.paid"]
    data: PaidData


class OrderRefunded(BaseModel):
    type: Literal["order.refunded"]
    data: RefundedData


class OrderCancelled(BaseModel):
    type: Literal["order.cancelled"]
    data: OrderData


class OrderCompleted(BaseModel):
    type: Literal["order.completed"]
    data: OrderData


AnyEvent = OrderPaid | OrderRefunded | OrderCancelled | OrderCompleted
_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field(discriminator="type")])


def read_event(source: str, delivery_id: str, received_at: datetime, body: str) -> OrderEvent:
    """The event in a webhook's body. Raises UnprocessableEventError when it makes no sense."""
    try:
        event = _EVENT.validate_json(body)
    except ValidationError as error:
        # The cause holds the values it found wrong, and a logged exception shows its causes.
        raise UnprocessableEventError("not_an_order_event", _where(error)) from None
    data = event.data
    currency = getattr(data, "currency", None)
    if currency not in (None, settings().currency):
        raise UnprocessableEventError("foreign_currency", f"{currency} is not the brand's currency")
    if data.occurred_at - FUTURE_TOLERANCE > received_at:
        raise UnprocessableEventError("from_the_future", "it occurred after it was received")
    order_id, business_key, fact = _fact(source, event)
    canonical = _canonical(event.type, order_id, fact)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    kept = canonical
    if isinstance(fact, Refunded) and event.data.order_id is not None:
        kept = _canonical(event.type, order_id, replace(fact, buyer_key=None))
    return OrderEvent(source, delivery_id, received_at, order_id, business_key, fact, digest, kept)


def _fact(source: str, event: AnyEvent) -> tuple[str, str, Fact]:
    """Order id, business key and fact. The business key is what makes a repeat a repeat.

    There is one sale. Of the others each instant and amount is a fact of its own: their fold keeps
    the earliest and the largest, so a sender who reports one twice, a second apart, is no conflict.
    """
    at = to_utc(event.data.occurred_at)
    match event:
        case OrderPaid(data=data):
            paid = Paid(
                data.paid_minor,
                at,
                _buyer_key(source, data.buyer_id),
                _receipt(data.receipt_token),
                data.store_id,
            )
            return data.order_id, "paid", paid
        case OrderRefunded(data=data):
            refunded = Refunded(
                data.refund_id, data.refunded_minor, at, _buyer_key(source, data.buyer_id)
            )
            order_id = data.order_id or standalone_order_id(data.refund_id)
            key = f"refund#{data.refund_id}#{data.refunded_minor}#{at.isoformat()}"
            return order_id, key, refunded
        case OrderCancelled(data=data):
            return data.order_id, f"cancelled#{at.isoformat()}", Cancelled(at)
        case OrderCompleted(data=data):
            return data.order_id, f"completed#{at.isoformat()}", Completed(at)
    assert_never(event)


def _buyer_key(source: str, buyer_id: str | None) -> str | None:
    return identities.buyer(source, buyer_id)[1] if buyer_id else None


def _receipt(token: str | None) -> str | None:
    """The receipt printed for an order; a token we did not sign is none, the order still counts."""
    code = codes.trusted(token, {CodeKind.RECEIPT}) if token else None
    return code.key if code else None


def _canonical(kind: str, order_id: str, fact: Fact) -> str:
    fields: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in ((name, getattr(fact, name)) for name in fact.__slots__)
    }
    return json.dumps({"type": kind, "order_id": order_id, **fields}, sort_keys=True)


def _where(error: ValidationError) -> str:
    """Which fields are wrong and how, without their values: they may be personal."""
    return "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {item['type']}"
        for item in error.errors(include_url=False, include_input=False)
    )
