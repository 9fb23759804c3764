"""The figures that the product and the proof must agree on, in integer minor units and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

LOCAL_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The brand's clock; Shanghai has kept +08:00 without daylight saving since 1991."""


def business_day(moment: datetime) -> date:
    return moment.astimezone(LOCAL_TIME).date()


@dataclass(frozen=True, slots=True)
class Programme:
    """Referral rules: basis points of the paid amount, least paid amount, days of hold. The demo
    publishes these; nobody is there to look at a referral, so nothing waits for it."""

    rate_bp: int = 500
    min_order_minor: int = 1_000
    hold_days: int = 15


@dataclass(frozen=True, slots=True)
class MemberFigures:
    """One member as of one day; `recency_days` is None without an order that counts."""

    net_minor: int
    orders: int
    recency_days: int | None
    pending: int
    released: int
    reversed: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole file, buyers who never joined included.

    A refund of an order that the file does not hold waits: it is in `refunds`, not in `net_minor`.
    """

    orders: int
    refunds: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class MemberState:
    """What the product's table says of one member; group and stage are None before scoring."""

    figures: MemberFigures
    group: str | None
    stage: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the driver read from the product's table after the last nightly run."""

    members: dict[str, MemberState]
    totals: Totals
    unclaimed_orders: int
    quarantined: int
    duplicates_delivered: int
    read_units: float
    write_units: float
    replay_seconds: float
