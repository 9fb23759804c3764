"""Take a webhook in: verify, queue, nothing else. What is accepted is never lost."""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.domain.standard_webhooks import verify
from siyu.errors import MalformedError, TooLargeError, UnknownSourceError
from siyu.secrets import secrets
from siyu.storage import queue

MAX_BODY_BYTES = 256 * 1024
MAX_MESSAGE_BYTES = 384 * 1024  # escaped, in its envelope: must fit an item of quarantine (400 kB)
_SOURCE = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)


def receive_webhook(source: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Queue an authentic webhook as it came.

    Raises UnknownSourceError, TooLargeError, SignatureError, MalformedError; anything else means
    that it was not accepted and the sender has to send it again.
    """
    if not _SOURCE.fullmatch(source) or not secrets().webhooks.get(source):
        raise UnknownSourceError("no such source")
    if len(body) > MAX_BODY_BYTES:
        raise TooLargeError(f"a body may have {MAX_BODY_BYTES} bytes")
    delivery_id = verify(headers, body, secrets().webhooks[source], now)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("the body is not UTF-8") from error
    message = {
        "source": source,
        "delivery_id": delivery_id,
        "received_at": to_utc(now).isoformat(),
        "body": text,
    }
    escaped = json.dumps(message)  # in ASCII, since SQS takes no U+FFFE and no U+FFFF
    if len(escaped) > MAX_MESSAGE_BYTES:
        raise TooLargeError(f"a message may have {MAX_MESSAGE_BYTES} bytes")
    queue.send(escaped)
