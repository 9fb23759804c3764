"""The input of our schedules: the instant they were due, however late they run."""

from datetime import date, datetime
from typing import Any

from siyu.domain.calendar import business_date, to_utc


def scheduled_for(event: dict[str, Any]) -> datetime:
    """Raises KeyError or ValueError when the schedule's input is not ours."""
    return to_utc(datetime.fromisoformat(event["scheduled_for"]))


def not_ahead(as_of: date, now: datetime) -> date:
    """A night's business day that has begun. Raises ValueError for a later one: a night started for
    it by mistake would silence all nights until then."""
    if as_of > business_date(now):
        raise ValueError(f"the business day {as_of} has not begun")
    return as_of
