"""Keep a message that can have no effect, for people to look at and replay."""

import json
from datetime import datetime

from siyu.errors import UnprocessableEventError
from siyu.storage import quarantine


def quarantine_message(
    message_id: str, message: str, error: UnprocessableEventError, sent_at: datetime
) -> None:
    """Store a message with the reason it failed; the same message twice is stored once."""
    quarantine.keep(message_id, message, error, source=_source(message), received_at=sent_at)


def _source(message: str) -> str:
    """Whose message it is, as far as it can say."""
    try:
        fields = json.loads(message)
        source = str(fields.get("source") or fields["account"])
        source.encode()  # the table takes no lone surrogates
    except (AttributeError, ValueError, KeyError, TypeError, RecursionError):
        return "unknown"
    return source
