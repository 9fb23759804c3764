"""POST /v1/scans."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from siyu.api.session import Session
from siyu.domain.members import Coupon
from siyu.services.sign_up import SignedUp


class ScanRequest(BaseModel):
    """A scanned code, and proof of who scans."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1, max_length=64, description="The 30 characters of the QR code")
    login_code: str = Field(min_length=1, max_length=128, description="The code of wx.login()")
    referral_code: str | None = Field(
        default=None, max_length=64, description="The code of the member who sent the shopper"
    )


class MemberBody(BaseModel):
    id: str
    joined: bool = Field(description="Whether this scan made the shopper a member")
    referral_code: str = Field(description="The member's own code, to pass on")


class SessionBody(BaseModel):
    token: str
    expires_at: datetime


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


class ClaimBody(BaseModel):
    status: str = Field(
        description="claimed, pending (the order has not arrived yet) or none (not a receipt)"
    )


class ReferralBody(BaseModel):
    status: str = Field(description="bound, already_a_member, code_not_valid or none")


class ScanResponse(BaseModel):
    """A member with a session; the coupon comes once, with the first scan."""

    member: MemberBody
    session: SessionBody
    coupon: CouponBody | None
    claim: ClaimBody
    referral: ReferralBody

    @classmethod
    def from_domain(cls, outcome: SignedUp, session: Session) -> "ScanResponse":
        return cls(
            member=MemberBody(
                id=outcome.member_id, joined=outcome.joined, referral_code=outcome.referral_code
            ),
            session=SessionBody(token=session.token, expires_at=session.expires_at),
            coupon=CouponBody.from_domain(outcome.coupon) if outcome.coupon else None,
            claim=ClaimBody(status=outcome.claim),
            referral=ReferralBody(status=outcome.referral),
        )
