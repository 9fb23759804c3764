"""POST /v1/scans."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from siyu.api.consents import ConsentRequest
from siyu.api.coupons import CouponBody
from siyu.api.session import Session
from siyu.api.sessions import LoginCode, SessionBody
from siyu.services.sign_up import Scan, SignedUp
from siyu.wechat.login import Login


class ScanRequest(BaseModel):
    """A scanned code, and proof of who scans."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1, max_length=64, description="The 30 characters of the QR code")
    login_code: LoginCode
    referral_code: str | None = Field(
        default=None, max_length=64, description="The code of the member who sent the shopper"
    )
    device_id: str | None = Field(
        default=None, max_length=64, description="An id the mini-program keeps on the device"
    )
    consents: list[ConsentRequest] = Field(
        default=[], max_length=5, description="What the shopper agreed to before joining"
    )

    def to_scan(self, login: Callable[[str], Login], address: str, now: datetime) -> Scan:
        """In the service's terms; a consent of an unknown kind was refused before."""
        return Scan(
            self.token,
            self.referral_code,
            lambda: login(self.login_code),
            now,
            address,
            self.device_id,
            [consent.to_domain(address, now) for consent in self.consents],
        )


class MemberBody(BaseModel):
    id: str
    joined: bool = Field(description="Whether this scan made the shopper a member")
    referral_code: str = Field(description="The member's own code, to pass on")


class BenefitBody(BaseModel):
    status: str = Field(description="given, already_a_member, quota_reached or returning_customer")


class ClaimBody(BaseModel):
    status: str = Field(
        description="claimed, pending (the order has not arrived yet) or none (not a receipt)"
    )


class ReferralBody(BaseModel):
    status: str = Field(
        description="bound, already_a_member, code_not_valid or none; or why it earns nothing: "
        "returning_customer, same_device, staff or referrer_suspended"
    )
    coupon: CouponBody | None = Field(
        description="For having been sent by a member, where the programme gives one"
    )


class GuideBody(BaseModel):
    friend_link: str = Field(description="The guide's WeCom code; it carries the scanned token")


class ScanResponse(BaseModel):
    """A member with a session; the coupon comes once, with the first scan."""

    member: MemberBody
    session: SessionBody
    coupon: CouponBody | None
    benefit: BenefitBody
    claim: ClaimBody
    referral: ReferralBody
    guide: GuideBody | None

    @classmethod
    def from_domain(cls, outcome: SignedUp, session: Session) -> "ScanResponse":
        link, gift = outcome.friend_link, outcome.referral_coupon
        return cls(
            member=MemberBody(
                id=outcome.member_id, joined=outcome.joined, referral_code=outcome.referral_code
            ),
            session=SessionBody.from_session(session),
            coupon=CouponBody.from_domain(outcome.coupon) if outcome.coupon else None,
            benefit=BenefitBody(status=outcome.benefit),
            claim=ClaimBody(status=outcome.claim),
            referral=ReferralBody(
                status=outcome.referral,
                coupon=CouponBody.from_domain(gift) if gift else None,
            ),
            guide=GuideBody(friend_link=link) if link else None,
        )
