"""The input of our schedules: the instant they were due, however late they run."""

from datetime import datetime
from typing import Any

from siyu.domain.calendar import to_utc


def scheduled_for(event: dict[str, Any]) -> datetime:
    """Raises KeyError or ValueError when the schedule's input is not ours."""
    return to_utc(datetime.fromisoformat(event["scheduled_for"]))
