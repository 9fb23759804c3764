"""Credits in URLs: order keys may hold any character, so they are written in base64url."""

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

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


def read(text: str) -> str:
    """The order key that a name in a URL stands for: in base64url, or the key itself as URLs write
    it (`shop%231001`). Raises ValueError."""
    if "%" not in text:
        return decode(text)
    order_key = unquote(text, errors="strict")
    if "#" not in order_key or len(order_key.encode()) > MAX_CHARS:
        raise ValueError("no order key")
    return order_key


def with_keys(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event of a gateway that has decoded the path, in which no route knows a #."""
    return {**event, "rawPath": event["rawPath"].replace("#", "%23")}
