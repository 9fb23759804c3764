"""Standard Webhooks: is this body from whom it says, and fresh?

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
HMAC-SHA256 over `id.timestamp.body`. A header may carry several signatures, so secrets can rotate.
An id holds no dot here, so that no part of the signed text can pass for another.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from siyu.errors import SignatureError

TOLERANCE_SECONDS = 300
MAX_SIGNATURES = 16
MIN_KEY_BYTES = 24
_ID = re.compile(r"[A-Za-z0-9_:~-]{1,128}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{10}", re.ASCII)


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: datetime) -> str:
    """The delivery id of an authentic, fresh webhook; `headers` have lower-case names.

    Raises SignatureError, without saying which part failed; ValueError for a secret that is none,
    or too short to keep anybody out.
    """
    delivery_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not is_id(delivery_id) or not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureError("headers missing or malformed")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureError("too old or from the future")
    given = _signatures(headers.get("webhook-signature", ""))
    signed = b".".join((delivery_id.encode(), timestamp.encode(), body))
    keys = [secret_bytes(secret) for secret in secrets]
    if any(len(key) < MIN_KEY_BYTES for key in keys):
        raise ValueError("a key has 24 bytes at least")
    expected = [hmac.digest(key, signed, hashlib.sha256) for key in keys]
    # Every pair is compared, so that time tells nothing about which secret matched.
    matches = [hmac.compare_digest(mine, theirs) for mine in expected for theirs in given]
    if not any(matches):
        raise SignatureError("no signature matches")
    return delivery_id


def is_id(text: str) -> bool:
    """Whether something can be the id of a delivery at all."""
    return _ID.fullmatch(text) is not None


def sign(secret: str, delivery_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature` for a body."""
    signed = b".".join((delivery_id.encode(), str(timestamp).encode(), body))
    digest = hmac.digest(secret_bytes(secret), signed, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def secret_bytes(secret: str) -> bytes:
    """The key behind a `whsec_…` secret. Raises ValueError when it is none."""
    return base64.b64decode(secret.removeprefix("whsec_"), validate=True)


def _signatures(header: str) -> list[bytes]:
    found = []
    for part in header.split(" ")[:MAX_SIGNATURES]:
        version, _, encoded = part.partition(",")
        if version != "v1":
            continue
        try:
            found.append(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError):
            continue
    return found
