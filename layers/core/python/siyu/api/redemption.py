"""POST /v1/stores/{store}/redemptions."""

from datetime import datetime
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from siyu.domain.coupons import Coupon, Redemption
from siyu.domain.money import MAX_AMOUNT_MINOR


class RedemptionRequest(BaseModel):
    """A coupon shown at a till, for a purchase of `spend_minor` before it is taken off."""

    model_config = ConfigDict(extra="forbid")

    coupon_code: str = Field(min_length=1, max_length=64)
    spend_minor: Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT_MINOR)]

    def to_redemption(self, store: str, redemption_id: str, now: datetime) -> Redemption:
        return Redemption(store, redemption_id, self.spend_minor, now)


class RedemptionResponse(BaseModel):
    """What the till takes off; says nothing about the member."""

    status: Literal["redeemed"] = "redeemed"
    coupon_code: str
    benefit: str
    value_minor: int = Field(description="To take off, in the currency's minor unit")

    @classmethod
    def from_domain(cls, coupon: Coupon) -> "RedemptionResponse":
        """A coupon is never worth more than what it was used for."""
        spend = coupon.redemption.spend_minor if coupon.redemption else 0
        value = min(coupon.value_minor, spend)
        return cls(coupon_code=coupon.code, benefit=coupon.benefit, value_minor=value)


def read_redemption(body: bytes) -> RedemptionRequest:
    """A body whose signature held. Raises RequestValidationError."""
    try:
        return RedemptionRequest.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in found]
        ) from None
