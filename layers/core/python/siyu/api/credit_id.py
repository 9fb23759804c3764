"""Credits in URLs: order keys may hold any character, so they are written in base64url."""

import base64
import re

MAX_CHARS = 1_024
_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_CHARS}}}", re.ASCII)


def encode(order_key: str) -> str:
    """The name of an order's credit in a URL, without padding."""
    return base64.urlsafe_b64encode(order_key.encode()).rstrip(b"=").decode()


def decode(text: str) -> str:
    """The reverse of `encode`, and of nothing else: one credit has one name. Raises ValueError."""
    if not _ID.fullmatch(text):
        raise ValueError("not base64url")
    order_key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    if encode(order_key) != text:
        raise ValueError("not the shortest form")
    return order_key
