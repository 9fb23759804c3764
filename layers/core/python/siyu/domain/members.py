"""Who a member is and how they came: first touch is recorded once and never rewritten."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FirstTouch:
    """The code that brought the member: its kind, store and number."""

    kind: str
    store: str
    number: str


@dataclass(frozen=True, slots=True)
class Member:
    """A member; `joined_at` is aware UTC."""

    member_id: str
    joined_at: datetime
    first_touch: FirstTouch


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon in a member's wallet: worth `value_minor` off a purchase of `min_spend_minor`."""

    coupon_id: str
    code: str
    benefit: str
    value_minor: int
    min_spend_minor: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WelcomeBenefit:
    """What a new member receives. Amounts are minor units."""

    benefit: str = "welcome"
    value_minor: int = 1_000
    min_spend_minor: int = 5_000
    valid_days: int = 30


WELCOME = WelcomeBenefit()
