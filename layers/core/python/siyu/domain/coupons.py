"""Coupons: given once, redeemed once, at a till, within a limit per person.

A coupon is worth nothing before it is redeemed, so whether one more may be redeemed is decided
then: two accounts that turned out to be one person have one person's limit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from siyu.errors import CouponRefusedError


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a coupon gives: `value_minor` off a purchase of `min_spend_minor`, for `valid_days` days
    after it was given; a person redeems at most `per_person` of one name."""

    name: str
    value_minor: int
    min_spend_minor: int
    valid_days: int
    per_person: int = 1


WELCOME = Benefit("welcome", value_minor=1_000, min_spend_minor=5_000, valid_days=30)


@dataclass(frozen=True, slots=True)
class Redemption:
    """A coupon's use: by which store, under which id of the till's, for which purchase."""

    store: str
    redemption_id: str
    spend_minor: int
    redeemed_at: datetime


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon in a member's wallet. Amounts are minor units; `coupon_id` is unique per member."""

    coupon_id: str
    code: str
    benefit: str
    value_minor: int
    min_spend_minor: int
    expires_at: datetime
    per_person: int = 1
    redemption: Redemption | None = None


def issue(benefit: Benefit, code: str, now: datetime, number: int = 1) -> Coupon:
    """The first coupon of a benefit that an account gets, or a later one. The id names it, so the
    same one is given once."""
    return Coupon(
        benefit.name if number == 1 else f"{benefit.name}#{number}",
        code,
        benefit.name,
        benefit.value_minor,
        benefit.min_spend_minor,
        now + timedelta(days=benefit.valid_days),
        benefit.per_person,
    )


def repeats(coupon: Coupon, wanted: Redemption) -> bool:
    """Whether the coupon was redeemed by this very redemption: the answer was lost on its way."""
    done = coupon.redemption
    return done is not None and (done.store, done.redemption_id, done.spend_minor) == (
        wanted.store,
        wanted.redemption_id,
        wanted.spend_minor,
    )


def check_redeemable(coupon: Coupon, wanted: Redemption, redeemed_by_person: int) -> None:
    """Raises CouponRefusedError when the coupon may not be redeemed like this.

    `redeemed_by_person` counts the person's redemptions of the same benefit so far.
    """
    if coupon.redemption is not None:
        raise CouponRefusedError("coupon_used")
    if wanted.redeemed_at >= coupon.expires_at:
        raise CouponRefusedError("coupon_expired")
    if wanted.spend_minor < coupon.min_spend_minor:
        raise CouponRefusedError("below_minimum_spend")
    if redeemed_by_person >= coupon.per_person:
        raise CouponRefusedError("person_limit_reached")
