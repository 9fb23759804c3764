"""Signed tokens: a JWS of HMAC-SHA256 in its compact form, and no other algorithm.

https://www.rfc-editor.org/rfc/rfc7515#section-7.1 and https://www.rfc-editor.org/rfc/rfc8725
What a token claims is for the caller to look at: its audience, its issuer, its end.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from siyu.errors import NotSignedInError

ALGORITHM = "HS256"


def sign(claims: Mapping[str, Any], key: bytes, key_id: str) -> str:
    """A token that holds these claims; `key_id` is told in its header."""
    header = {"alg": ALGORITHM, "kid": key_id, "typ": "JWT"}
    signed = f"{_encode(_text(header))}.{_encode(_text(claims))}"
    return f"{signed}.{_signature(signed, key)}"


def verified(token: str, key_of: Callable[[str], bytes | None]) -> dict[str, Any]:
    """The claims of an authentic token; `key_of` gives the key of a key id, None for a stranger's.

    Raises NotSignedInError. Nothing but the header is read before the signature holds, and what the
    header says of an algorithm is compared, never followed.
    """
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    said = _read(header)
    if said.get("alg") != ALGORITHM or "crit" in said:
        raise NotSignedInError("not our algorithm")
    key_id = said.get("kid")
    key = key_of(key_id) if isinstance(key_id, str) else None
    if key is None:
        raise NotSignedInError("unknown key")
    # The text is compared: the same bytes, written in another way, are no signature of ours.
    expected = _signature(signed, key)
    if not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
        raise NotSignedInError("the signature does not hold")
    return _read(payload)


def _signature(signed: str, key: bytes) -> str:
    return _encode(hmac.digest(key, signed.encode(errors="replace"), "sha256"))


def _text(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _read(part: str) -> dict[str, Any]:
    """A JSON object in base64url without padding. Raises NotSignedInError."""
    try:
        padded = part.encode("ascii") + b"=" * (-len(part) % 4)
        found = json.loads(base64.b64decode(padded, b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise NotSignedInError("the token cannot be read") from error
    if not isinstance(found, dict):
        raise NotSignedInError("the token holds no object")
    return found
