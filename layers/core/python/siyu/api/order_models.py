"""The canonical order event, field by field: what every adapter makes of what its sender says."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from siyu.domain.money import MAX_AMOUNT_MINOR
from siyu.domain.orders import STANDALONE_PREFIX

MAX_LINES = 100


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


class BuyerData(BaseModel):
    """The buyer as WeChat knows them; an openid belongs to one app, the mini-program by default."""

    model_config = ConfigDict(frozen=True)

    unionid: Id | None = None
    openid: Id | None = None
    app_id: Id | None = None


class LineData(BaseModel):
    """A line of the sale; the amount is that of all its pieces, after discounts."""

    model_config = ConfigDict(frozen=True)

    sku: Id
    quantity: Annotated[int, Field(strict=True, gt=0, le=1_000_000)]
    amount_minor: Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT_MINOR)]


class DeliveryData(BaseModel):
    """Where the goods go. Neither is stored: only keyed marks by which the same place, or the same
    receiver, is found again."""

    model_config = ConfigDict(frozen=True)

    address: str | None = Field(
        default=None, min_length=5, max_length=300, description="The whole address, without a name"
    )
    phone: str | None = Field(
        default=None, min_length=5, max_length=64, description="The receiver's number"
    )


class PaidData(_Data):
    order_id: Id
    paid_minor: Minor
    currency: Currency
    buyer_id: Id | None = None
    buyer: BuyerData | None = None
    store_id: Id | None = None
    guide_id: Id | None = None
    till_id: Id | None = None
    receipt_token: str | None = Field(default=None, max_length=64)
    payment_id: Id | None = Field(
        default=None,
        description="The payment provider's number of the payment, if one payment paid all of it",
    )
    payment_only: bool = Field(
        default=False, description="Whether the source sees the payment but not the sale"
    )
    lines: list[LineData] = Field(default=[], max_length=MAX_LINES)
    delivery: DeliveryData | None = None


class RefundedData(_Data):
    order_id: Id | None = None
    refund_id: Id
    refunded_minor: Minor = Field(description="What this refund has given back in all so far")
    currency: Currency
    buyer_id: Id | None = None


class OrderData(_Data):
    order_id: Id


class OrderCreated(BaseModel):
    type: Literal["order.created"]
    data: OrderData


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


AnyEvent = OrderCreated | OrderPaid | OrderRefunded | OrderCancelled | OrderCompleted
EVENT: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field(discriminator="type")])
