"""Instants are UTC; the brand's day is the day in Asia/Shanghai.

China has had no daylight saving since 1991, so the zone is a fixed +08:00 and needs no tz database.
"""

from datetime import UTC, date, datetime, timedelta, timezone

BUSINESS_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")


def business_date(instant: datetime) -> date:
    """The brand's calendar day of an instant. Raises ValueError for a naive datetime."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(BUSINESS_ZONE).date()


def to_utc(instant: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC)
