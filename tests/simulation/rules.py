"""Random versions of the referral programme, and when a world publishes them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from siyu.domain.coupons import Benefit
from siyu.domain.programmes import Checks, HoldFrom, Programme
from tests.support import NOW

# So long before it takes effect a version is published: clocks run ahead by up to a day, and what
# was told before must not turn out to be under other rules.
NOTICE = timedelta(hours=24)
OFF = Checks(None, None, None, None, None, None, None, None)
# The widest budget is kept in shards.
BUDGETS = (3_000, 20_000, 1_000_000)


@dataclass(frozen=True)
class Publication:
    """A version of the rules on its way to be published."""

    programme: Programme


def versions(chance: random.Random) -> tuple[list[Programme], list[tuple[float, Publication]]]:
    """What is published before the world begins, and what by which hour of it."""
    early: list[Programme] = []
    later: list[tuple[float, Publication]] = []
    with_caps = chance.random() < 0.4
    for number in range(chance.choice((0, 1, 2, 2, 3, 3))):
        if chance.random() < 0.6:
            begins = chance.choice((-900, -300, -30, 0, chance.uniform(0, 60)))
            early.append(_programme(chance, f"v{number}", begins, capped=with_caps))
        else:
            programme = _programme(chance, f"v{number}", chance.uniform(44, 62), capped=with_caps)
            later.append((chance.uniform(0, 12), Publication(programme)))
    return early, later


def _programme(
    chance: random.Random, version: str, begins_hours: float, *, capped: bool
) -> Programme:
    begins: datetime = NOW + timedelta(seconds=int(begins_hours * 3600))
    return Programme(
        version,
        begins,
        enabled=chance.random() < 0.95,
        rate_bp=chance.choice((100, 500, 1_000, 7_500)),
        fixed_minor=chance.choice((None, None, 700, 5_000)),
        max_credit_minor=chance.choice((None, None, 300, 900)),
        min_order_minor=chance.choice((0, 1_000, 3_000)),
        return_window_days=chance.choice((0, 0, 7, 14)),
        hold_from=chance.choice((*3 * (HoldFrom.PAYMENT,), HoldFrom.COMPLETION)),
        referral_days=chance.choice((None, None, None, None, 0, 1)),
        new_customers_only=chance.random() < 0.15,
        first_purchase_only=chance.random() < 0.15,
        excluded_skus=chance.choice(((), (), ("s2",), ("x*", "s1"))),
        coupon=chance.choice((None, Benefit("friend", 800, 2_000, chance.choice((1, 30))))),
        checks=chance.choice((OFF, Checks(), _tight(chance), _tight(chance))),
        credit_days=chance.choice((None, 3, 10)),
        **(_caps(chance) if capped else {}),
    )


def capped(programme: Programme) -> bool:
    """Whether some limit may hold something back."""
    limits = programme.per_day_minor, programme.per_month_minor, programme.per_year_minor
    return any(one is not None for one in (*limits, programme.budget_minor))


def _tight(chance: random.Random) -> Checks:
    """So few are normal that somebody has to look at some."""
    return Checks(
        friends_a_day=chance.choice((None, 1, 3)),
        friends_a_month=chance.choice((None, 2)),
        friends_a_minute=chance.choice((None, 1)),
        friends_per_address=chance.choice((None, 1)),
        friends_per_device=chance.choice((None, 1)),
        friends_per_network=chance.choice((None, None, 1, 2)),
        share_bp=chance.choice((None, 600)),
        review_days=chance.choice((0, 5, 30)),
        frauds=chance.choice((1, 3)),
    )


def _caps(chance: random.Random) -> dict[str, Any]:
    return {
        "per_day_minor": chance.choice((None, 400, 1_500)),
        "per_month_minor": chance.choice((None, 1_000, 4_000)),
        "per_year_minor": chance.choice((None, None, 6_000)),
        "budget_minor": chance.choice((None, *BUDGETS)),
    }
