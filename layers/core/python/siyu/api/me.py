"""GET /v1/me."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from siyu.api.scan import CouponBody
from siyu.services.codes import referral_token
from siyu.services.show_member import Account
from siyu.settings import settings


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
    stage: str | None = Field(description="Lifecycle stage as of the last night")
    group: str | None = Field(description="Value group as of the last night")

    @classmethod
    def from_domain(cls, account: Account) -> "MeResponse":
        stage, _, group = (account.label or "").partition("|")
        last_day = account.measure.last_day
        return cls(
            id=account.person.member.member_id,
            joined_at=account.person.member.joined_at,
            referral_code=referral_token(account.person.member.member_id),
            phone_linked=any(one.phone for one in account.person.accounts),
            currency=settings().currency,
            purchases=PurchasesBody(
                orders=account.measure.orders,
                net_sales_minor=account.measure.net_minor,
                last_order_on=date.fromordinal(last_day) if last_day else None,
            ),
            credit=CreditBody(
                pending_minor=account.balance.pending_minor,
                released_minor=account.balance.released_minor,
            ),
            coupons=[CouponBody.from_domain(coupon) for _, coupon in account.person.coupons],
            stage=stage or None,
            group=group or None,
        )
