"""Codes we issue: doors, guides, posters, parcel cards, campaigns. Many may scan one.

What a code gives a new member is its own; where it says nothing it is the brand's welcome. A quota
counts coupons, not members: who comes after the last one joins without.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from siyu.domain.coupons import Benefit


class IssuedKind(StrEnum):
    """Where a code hangs or lies."""

    STORE = "store"
    GUIDE = "guide"
    POSTER = "poster"
    PARCEL = "parcel"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class CodeSpec:
    """What somebody wants a code to be. `store` has 3 characters; `guide` is a WeCom user id; days
    are business days, both included; `quota` is a number of coupons, None for no limit."""

    kind: IssuedKind
    store: str
    guide: str | None = None
    channel: str | None = None
    label: str | None = None
    benefit: Benefit | None = None
    quota: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code as it stands; `used` counts the coupons it gave, while it has a quota.

    `friend_link` is the guide's WeCom code that carries the token as its state.
    """

    key: str
    key_version: int
    spec: CodeSpec
    created_at: datetime
    used: int = 0
    revoked_at: datetime | None = None
    friend_link: str | None = None

    def open_on(self, day: date) -> bool:
        """Whether somebody may join by it. Its last day stands in the token as well."""
        begun = self.spec.valid_from is None or self.spec.valid_from <= day
        over = self.spec.valid_until is not None and day > self.spec.valid_until
        return begun and not over and self.revoked_at is None

    @property
    def left(self) -> bool:
        """Whether it still has a coupon to give."""
        return self.spec.quota is None or self.used < self.spec.quota
