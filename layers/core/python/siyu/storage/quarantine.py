"""Accepted messages that could have no effect, kept whole for replay."""

from datetime import datetime

from siyu.domain.calendar import business_date, to_utc
from siyu.errors import UnprocessableEventError
from siyu.storage import keys
from siyu.storage.items import QuarantineItem


def keep(
    quarantine_id: str,
    message: str,
    error: UnprocessableEventError,
    *,
    source: str,
    received_at: datetime,
) -> None:
    """Store a message with the reason; the same id again overwrites with the same content."""
    at = to_utc(received_at)
    key = keys.quarantine(business_date(at), at.isoformat(), quarantine_id)
    QuarantineItem(
        *key,
        source=source,
        reason=error.reason,
        detail=error.detail,
        message=message,
        received_at=at,
    ).save()
