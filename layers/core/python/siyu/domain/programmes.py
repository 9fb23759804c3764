"""The referral programme: versions of rules; the one in force when an order was paid decides.

A version is published once and never changed; a change is a further version. So what a credit came
to can be computed again at any time, by the version whose name it carries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase

from siyu.domain.calendar import business_date
from siyu.domain.coupons import Benefit

DAY, MONTH, YEAR, BUDGET = "per_day", "per_month", "per_year", "budget"
# A budget below this is one counter; above, it is spread, so that no item takes every credit.
SPREAD_FROM_MINOR = 1_000_000
BUDGET_SHARDS = 16


@dataclass(frozen=True, slots=True)
class Checks:
    """Beyond which numbers somebody looks at a referral first; None turns a check off.

    Friends are counted over the day, the 30 days and the minute before the one in question,
    those from one address or device over 7 days. `share_bp` is the part of an order that its credit
    and the friend's coupon give away. Nobody's decision in `review_days` is a no, and `frauds`
    confirmed ones suspend the referrer.
    """

    friends_a_day: int | None = 10
    friends_a_month: int | None = 50
    friends_a_minute: int | None = 5
    friends_per_address: int | None = 10
    friends_per_device: int | None = 3
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
        """Days from the purchase to the release of its credit."""
        return self.return_window_days + 1

    @property
    def looks_back(self) -> bool:
        """Whether what an order earns depends on the friend's other orders."""
        return self.new_customers_only or self.first_purchase_only

    def excludes(self, sku: str) -> bool:
        """Whether goods earn nothing; a bracket in a pattern is a bracket."""
        patterns = (pattern.replace("[", "[[]") for pattern in self.excluded_skus)
        return any(fnmatchcase(sku, pattern) for pattern in patterns)

    def release_on(self, paid_at: datetime) -> date:
        """The business day on which the credit of an order paid then is let go."""
        return business_date(paid_at) + timedelta(days=self.hold_days)


# The rules of a brand that has published none.
PROGRAMME = Programme("2026-1", datetime(2000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Programmes:
    """All versions that were published, and the one that holds before the first of them; `by` says
    which operator published a version."""

    published: tuple[Programme, ...] = ()
    by: Mapping[str, str] = field(default_factory=dict)

    @property
    def all(self) -> Sequence[Programme]:
        """Every version by the time it takes effect."""
        return sorted((PROGRAMME, *self.published), key=_rank)

    @property
    def look_back(self) -> bool:
        """Whether by any version what an order earns depends on the friend's other orders."""
        return any(one.looks_back for one in self.published)

    def in_force(self, instant: datetime) -> Programme:
        """The version that decides about what happened at `instant`; the latest that has begun."""
        begun = (one for one in self.all if one.effective_from <= instant)
        return max(begun, key=_rank, default=PROGRAMME)

    def named(self, version: str) -> Programme:
        """Raises LookupError for a version that was never published."""
        for one in self.all:
            if one.version == version:
                return one
        raise LookupError(f"no programme {version}")


CapKey = tuple[str, str]
"""Where something is counted: an account or a budget, and a window or a shard of it."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most_minor` may be credited to a person in one window of the business calendar, or
    of a budget in one of its shards.

    It is counted at `account`; what was counted at the person's other accounts, `beside`, takes up
    room too.
    """

    name: str
    account: str
    window: str
    most_minor: int
    beside: tuple[str, ...] = ()

    @property
    def counters(self) -> tuple[CapKey, ...]:
        """Everything that takes up room, what it is counted at first."""
        return tuple((account, self.window) for account in (self.account, *self.beside))

    def room(self, used: Mapping[CapKey, int]) -> int:
        """What it still lets through, in minor units, with so much on the counters."""
        return max(0, self.most_minor - sum(used[counter] for counter in self.counters))


def caps_of(
    programme: Programme, referrer_id: str, paid_on: date, beside: tuple[str, ...] = ()
) -> list[Cap]:
    """The caps on a referrer, who has further accounts `beside`, that an order paid on a business
    day counts against, whichever version it is that sets them."""
    windows = (
        (DAY, programme.per_day_minor, paid_on.isoformat()),
        (MONTH, programme.per_month_minor, f"{paid_on:%Y-%m}"),
        (YEAR, programme.per_year_minor, f"{paid_on:%Y}"),
    )
    return [
        Cap(name, referrer_id, window, most, beside)
        for name, most, window in windows
        if most is not None
    ]


def budget_caps(programme: Programme) -> list[Cap]:
    """The shards of a programme's budget; together they are all of it, to the unit."""
    budget = programme.budget_minor
    if budget is None:
        return []
    count = BUDGET_SHARDS if budget >= SPREAD_FROM_MINOR else 1
    whole, rest = divmod(budget, count)
    return [
        Cap(BUDGET, programme.version, str(number), whole + (number < rest))
        for number in range(count)
    ]


def latest(programmes: Iterable[Programme]) -> Programme | None:
    """The version that takes effect last."""
    return max(programmes, key=_rank, default=None)


def _rank(programme: Programme) -> tuple[datetime, str]:
    return programme.effective_from, programme.version
