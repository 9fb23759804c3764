"""GET /v1/me."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from siyu.api.coupons import CouponBody
from siyu.services.codes import referral_token
from siyu.settings import settings

if TYPE_CHECKING:
    # Whoever shows one has loaded the service; an export link needs none of it.
    from siyu.services.show_member import Account


class PurchasesBody(BaseModel):
    orders: int = Field(description="Orders with something left after refunds")
    net_sales_minor: int
    last_order_on: date | None = Field(description="Business day (Asia/Shanghai)")


class CreditBody(BaseModel):
    pending_minor: int
    released_minor: int = Field(description="Spendable; below zero it is a debt")


class MeResponse(BaseModel):
    """What a member may see of themselves."""

    id: str
    joined_at: datetime
    referral_code: str = Field(description="The member's own code, to pass on")
    phone_linked: bool
    currency: str
    purchases: PurchasesBody
    credit: CreditBody
    coupons: list[CouponBody]
    stage: str | None = Field(description="Lifecycle stage as of the last night or a later order")
    group: str | None = Field(description="Value group as of the last night or a later order")

    @classmethod
    def from_domain(cls, account: "Account") -> "MeResponse":
        figures, label = account.figures, account.label
        return cls(
            id=account.person.member.member_id,
            joined_at=account.person.member.joined_at,
            referral_code=referral_token(account.person.member.member_id),
            phone_linked=any(one.phone for one in account.person.accounts),
            currency=settings().currency,
            purchases=PurchasesBody(
                orders=figures.orders,
                net_sales_minor=figures.net_minor,
                last_order_on=figures.last_day,
            ),
            credit=CreditBody(
                pending_minor=account.balance.pending_minor,
                released_minor=account.balance.released_minor,
            ),
            coupons=[CouponBody.from_domain(coupon) for _, coupon in account.person.coupons],
            stage=label.stage if label else None,
            group=label.group if label else None,
        )
