"""The referral programme: versions of rules; the one in force when an order was paid decides.

A version is published once and never changed; a change is a further version. So what a credit came
to can be computed again at any time, by the version whose name it carries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from siyu.domain.calendar import business_date
from siyu.domain.coupons import Benefit


class HoldFrom(StrEnum):
    """What begins the return window of an order."""

    PAYMENT = "payment"
    COMPLETION = "completion"


# An order that nobody calls completed counts as completed so many days after its payment.
COMPLETED_WITHIN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Checks:
    """Beyond which numbers somebody looks at a referral first; None turns a check off.

    Friends are counted over the day, the 30 days and the minute before the one in question,
    those from one device or address over 7 days: of the same referrer's (`friends_per_address`), or
    whoever brought them (`friends_per_device`, `friends_per_network`); those who had goods sent to
    where an order goes, over 30 days (`friends_per_delivery`). `share_bp` is the part of an order
    that its credit and the friend's coupon give away. Nobody's decision in `review_days` is a no,
    and `frauds` confirmed ones suspend the referrer.
    """

    friends_a_day: int | None = 10
    friends_a_month: int | None = 50
    friends_a_minute: int | None = 5
    friends_per_address: int | None = 10
    friends_per_device: int | None = 3
    friends_per_network: int | None = 50
    friends_per_delivery: int | None = 3
    share_bp: int | None = 5_000
    review_days: int = 30
    frauds: int = 3


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of the rules; amounts in minor units, ratios in basis points, times aware.

    An order earns `fixed_minor`, or `rate_bp` of what was paid for goods that are not
    `excluded_skus` (patterns with * and ?), and at most `max_credit_minor`. The hold outlasts the
    return window by a day, so that most returns meet a pending credit; what is returned later is
    taken from the released balance. `referral_days` after the binding, and `credit_days` after its
    release, a friend's order and a credit count no more.
    """

    version: str
    effective_from: datetime
    enabled: bool = True
    rate_bp: int = 500
    fixed_minor: int | None = None
    max_credit_minor: int | None = None
    min_order_minor: int = 1_000
    return_window_days: int = 14
    hold_from: HoldFrom = HoldFrom.PAYMENT
    referral_days: int | None = None
    credit_days: int | None = None
    new_customers_only: bool = False
    first_purchase_only: bool = False
    excluded_skus: tuple[str, ...] = ()
    per_day_minor: int | None = None
    per_month_minor: int | None = None
    per_year_minor: int | None = None
    budget_minor: int | None = None
    coupon: Benefit | None = None
    checks: Checks = field(default_factory=Checks)

    @property
    def hold_days(self) -> int:
        """Days from the purchase, or from its completion, to the release of its credit."""
        return self.return_window_days + 1

    @property
    def looks_back(self) -> bool:
        """Whether what an order earns depends on the friend's other orders."""
        return self.new_customers_only or self.first_purchase_only

    def excludes(self, sku: str) -> bool:
        """Whether goods earn nothing; a bracket in a pattern is a bracket."""
        patterns = (pattern.replace("[", "[[]") for pattern in self.excluded_skus)
        return any(fnmatchcase(sku, pattern) for pattern in patterns)

    def release_on(self, paid_at: datetime, completed_at: datetime | None = None) -> date:
        """The business day on which the credit of an order paid and completed then is let go."""
        since = business_date(paid_at)
        if self.hold_from is HoldFrom.COMPLETION:
            latest = since + timedelta(days=COMPLETED_WITHIN_DAYS)
            since = min(business_date(completed_at), latest) if completed_at else latest
        return since + timedelta(days=self.hold_days)


# The rules of a brand that has published none.
PROGRAMME = Programme("2026-1", datetime(2000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Programmes:
    """All versions in the order in which they were published, and the one that holds before the
    first of them; `by` says which operator published a version."""

    published: tuple[Programme, ...] = ()
    by: Mapping[str, str] = field(default_factory=dict)

    @property
    def all(self) -> Sequence[Programme]:
        """Every version by the time it takes effect; of one instant, the one published last comes
        last."""
        return sorted((PROGRAMME, *self.published), key=lambda one: one.effective_from)

    @property
    def wait_for_completion(self) -> bool:
        """Whether by any version the day of a release depends on when an order is completed."""
        return any(one.hold_from is HoldFrom.COMPLETION for one in self.published)

    @property
    def look_back(self) -> bool:
        """Whether by any version what an order earns depends on the friend's other orders."""
        return any(one.looks_back for one in self.published)

    def in_force(self, instant: datetime) -> Programme:
        """The version that decides about what happened at `instant`: the latest that has begun. Of
        those that begin together it is the one published last, so a mistake can be mended."""
        begun = [one for one in self.all if one.effective_from <= instant]
        return begun[-1] if begun else PROGRAMME

    def replaced_by(self, programme: Programme) -> Programme | None:
        """The version that was published later for the same instant, if there is one: then this one
        never decides about anything."""
        last = self.in_force(programme.effective_from)
        return last if last.version != programme.version else None

    def named(self, version: str) -> Programme:
        """Raises LookupError for a version that was never published."""
        for one in self.all:
            if one.version == version:
                return one
        raise LookupError(f"no programme {version}")
