"""GET /v1/me/referral: what a member passes on, and what they have of it."""

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from siyu.api.problem import answers
from siyu.domain.coupons import Benefit
from siyu.domain.programmes import HoldFrom
from siyu.services.codes import link_of, referral_token
from siyu.settings import settings

if TYPE_CHECKING:
    # Whoever shows them has loaded them; the wallet's other routes need neither.
    from siyu.domain.programmes import Programme
    from siyu.services.show_referral import Friends


class PictureBody(BaseModel):
    format: Literal["svg", "png", "card"] = Field(
        description="A poster; its QR code alone; that on a card for a phone's album, as PNG too"
    )
    lang: Literal["zh", "en"] | None = Field(description="What has no words has no language")
    url: str


class FriendsBody(BaseModel):
    """Numbers alone, over all accounts of the person; who they are stays theirs."""

    joined: int = Field(description="How many joined by the code; who was refused does not count")
    bought: int = Field(description="How many of them bought something that earned credit")
    more: bool = Field(description="There are more than the thousand that are counted")


class FriendsCouponBody(BaseModel):
    """What a friend gets for joining."""

    name: str
    value_minor: int
    min_spend_minor: int
    valid_days: int = Field(description="How long it is good, from joining")

    @classmethod
    def from_domain(cls, benefit: Benefit) -> "FriendsCouponBody":
        return cls(
            name=benefit.name,
            value_minor=benefit.value_minor,
            min_spend_minor=benefit.min_spend_minor,
            valid_days=benefit.valid_days,
        )


class OfferBody(BaseModel):
    """What the rules in force offer for a friend's purchase that is paid now. In a pause `enabled`
    is false, and nothing else says anything."""

    enabled: bool
    rate_bp: int | None = Field(None, description="Basis points of what was paid, or `fixed_minor`")
    fixed_minor: int | None = None
    max_credit_minor: int | None = Field(None, description="Most that one purchase earns")
    min_order_minor: int | None = Field(None, description="What a purchase must come to at least")
    hold_days: int | None = Field(None, description="From `hold_from` until it can be spent")
    hold_from: HoldFrom | None = Field(None, description="The purchase's payment or completion")
    credit_days: int | None = Field(None, description="How long it lasts from then on; None: ever")
    referral_days: int | None = Field(
        None, description="From joining; later purchases earn nothing"
    )
    new_customers_only: bool = False
    first_purchase_only: bool = False
    coupon: FriendsCouponBody | None = None

    @classmethod
    def from_domain(cls, programme: "Programme") -> "OfferBody":
        if not programme.enabled:
            return cls(enabled=False)
        fixed, coupon = programme.fixed_minor, programme.coupon
        return cls(
            enabled=True,
            rate_bp=programme.rate_bp if fixed is None else None,
            fixed_minor=fixed,
            max_credit_minor=programme.max_credit_minor,
            min_order_minor=programme.min_order_minor,
            hold_days=programme.hold_days,
            hold_from=programme.hold_from,
            credit_days=programme.credit_days,
            referral_days=programme.referral_days,
            new_customers_only=programme.new_customers_only,
            first_purchase_only=programme.first_purchase_only,
            coupon=FriendsCouponBody.from_domain(coupon) if coupon else None,
        )


class ReferralCodeResponse(BaseModel):
    """What a member passes on to bring friends, and what came of it."""

    code: str = Field(description="A friend sends it as referral_code with their first scan")
    link: str = Field(description="What the QR codes hold; it leads into the mini-program")
    pictures: list[PictureBody]
    currency: str
    friends: FriendsBody
    programme: OfferBody

    @classmethod
    def of_member(
        cls, member_id: str, origin: str, friends: "Friends", programme: "Programme"
    ) -> "ReferralCodeResponse":
        code = referral_token(member_id)
        address = f"{origin}/v1/referrals/{code}/poster"
        return cls(
            code=code,
            link=link_of(origin, code),
            pictures=[
                PictureBody(format="svg", lang="zh", url=f"{address}?format=svg&lang=zh"),
                PictureBody(format="svg", lang="en", url=f"{address}?format=svg&lang=en"),
                PictureBody(format="png", lang=None, url=f"{address}?format=png"),
                PictureBody(format="card", lang=None, url=f"{address}?format=card"),
            ],
            currency=settings().currency,
            friends=FriendsBody(joined=friends.joined, bought=friends.bought, more=friends.more),
            programme=OfferBody.from_domain(programme),
        )


_SECURITY: Any = [{"session": []}]
MINE: Any = {
    "summary": "My referral code",
    "tags": ["members"],
    "responses": answers(ReferralCodeResponse, 401, 404),
    "security": _SECURITY,
}
