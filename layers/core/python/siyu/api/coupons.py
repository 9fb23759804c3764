"""GET /v1/me/coupons."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.coupons import Coupon

Status = Literal["issued", "redeemed", "expired"]


class CouponBody(BaseModel):
    code: str
    benefit: str
    value_minor: int = Field(description="Worth, in the currency's minor unit")
    min_spend_minor: int
    expires_at: datetime

    @classmethod
    def from_domain(cls, coupon: Coupon) -> "CouponBody":
        return cls(
            code=coupon.code,
            benefit=coupon.benefit,
            value_minor=coupon.value_minor,
            min_spend_minor=coupon.min_spend_minor,
            expires_at=coupon.expires_at,
        )


class UseBody(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    store: str
    spend_minor: int = Field(description="The purchase it was used for")
    redeemed_at: datetime


class WalletCouponBody(CouponBody):
    status: Status
    redemption: UseBody | None

    @classmethod
    def of(cls, coupon: Coupon, now: datetime) -> "WalletCouponBody":
        done = coupon.redemption
        return cls(
            **CouponBody.from_domain(coupon).model_dump(),
            status=_status(coupon, now),
            redemption=UseBody.model_validate(done) if done else None,
        )


class CouponsResponse(BaseModel):
    """All coupons a member was ever given, the one that ends last first."""

    coupons: list[WalletCouponBody]

    @classmethod
    def from_domain(cls, coupons: Iterable[Coupon], now: datetime) -> "CouponsResponse":
        ordered = sorted(coupons, key=lambda one: (one.expires_at, one.code), reverse=True)
        return cls(coupons=[WalletCouponBody.of(one, now) for one in ordered])


def _status(coupon: Coupon, now: datetime) -> Status:
    if coupon.redemption is not None:
        return "redeemed"
    return "expired" if now >= coupon.expires_at else "issued"
