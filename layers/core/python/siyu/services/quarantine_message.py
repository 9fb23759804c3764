"""Keep a message that can have no effect, sealed, for people to look at and replay."""

import json
import zlib
from datetime import datetime

from siyu.domain.quarantine import Aside, Name
from siyu.errors import UnprocessableEventError
from siyu.storage import quarantine


def quarantine_message(
    message_id: str, message: str, error: UnprocessableEventError, sent_at: datetime
) -> None:
    """Store a message with the reason it failed; the same message twice is stored once."""
    # Loaded for the rare message, not with every start of a worker.
    from siyu.services.sealing import seal_bytes  # noqa: PLC0415

    name = Name.of(message_id, sent_at)
    sealed = seal_bytes(zlib.compress(message.encode()), str(name))
    quarantine.keep(name, sealed, error, _source(message))


def unsealed(aside: Aside) -> str:
    """The message as it came: it may hold personal data."""
    from siyu.services.sealing import unseal_bytes  # noqa: PLC0415

    return zlib.decompress(unseal_bytes(aside.sealed, str(aside.name))).decode()


def _source(message: str) -> str:
    """Whose message it is, as far as it can say."""
    try:
        fields = json.loads(message)
        source = str(fields.get("source") or fields["account"])
        source.encode()  # the table takes no lone surrogates
    except (AttributeError, ValueError, KeyError, TypeError, RecursionError):
        return "unknown"
    return source
