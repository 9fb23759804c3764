"""Which till sends this? Signed like a Standard Webhook, with a key that only this store holds.

What nobody signed costs no read: a signature has to hold under some version of the store's key
before we look up which versions are still good.
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime

from siyu.domain.codes import KEY_VERSIONS, STORE_CHARS
from siyu.domain.keys import till_request_key
from siyu.domain.standard_webhooks import verify
from siyu.errors import SignatureError, TooLargeError
from siyu.secrets import secrets
from siyu.settings import settings
from siyu.storage import codes

MAX_BODY_BYTES = 4 * 1024


def verify_till(store: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of an authentic, fresh request of the store's; `headers` have lower-case names.

    Raises TooLargeError and SignatureError, also for a store that does not exist.
    """
    if len(body) > MAX_BODY_BYTES:
        raise TooLargeError(f"a till's request has at most {MAX_BODY_BYTES} bytes")
    if len(store) != STORE_CHARS or not store.isascii():
        raise SignatureError("no such store")
    verify(headers, body, _secrets(store, KEY_VERSIONS), now)
    known = codes.keys_of(store)
    good = [version for version in range(known.current + 1) if version not in known.revoked]
    return verify(headers, body, _secrets(store, good), now)


def till_secret(store: str, version: int) -> str:
    """The secret a till signs its requests with, in the form of Standard Webhooks."""
    key = till_request_key(secrets().master_key, settings().brand, store, version)
    return "whsec_" + base64.b64encode(key).decode()


def _secrets(store: str, versions: Iterable[int]) -> list[str]:
    return [till_secret(store, version) for version in versions]
