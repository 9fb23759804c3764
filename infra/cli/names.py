"""What people type: stores, tokens, days, origins; forgiving in form, strict in content."""

from __future__ import annotations

import argparse
import re

from siyu.domain import base32
from siyu.domain.codes import KEY_VERSIONS, STORE_CHARS

MAX_NAME, MAX_REASON = 64, 200

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?/?", re.ASCII)
_BATCH = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)


def store(text: str) -> str:
    """Lower case and the usual misreadings are forgiven, as in a token."""
    if len(text) != STORE_CHARS:
        raise argparse.ArgumentTypeError(f"a store has {STORE_CHARS} characters, such as A1B")
    return _normal(text)


def typed(text: str) -> str:
    """A token or the key of a code, as somebody reads it off a label."""
    return _normal(re.sub(r"[\s-]", "", text))


def origin(text: str) -> str:
    """Scheme and host of the links in QR codes."""
    if not _ORIGIN.fullmatch(text):
        raise argparse.ArgumentTypeError("an origin is like https://shop.example, in lower case")
    return text.rstrip("/")


def batch(text: str) -> str:
    if not _BATCH.fullmatch(text):
        raise argparse.ArgumentTypeError("a batch's name is up to 40 of a-z, 0-9, - and _")
    return text


def person(text: str) -> str:
    return _written(text, MAX_NAME)


def reason(text: str) -> str:
    return _written(text, MAX_REASON)


def version(text: str) -> int:
    if not text.isdecimal() or int(text) not in KEY_VERSIONS:
        raise argparse.ArgumentTypeError(f"a version is 0 to {KEY_VERSIONS[-1]}")
    return int(text)


def _normal(text: str) -> str:
    try:
        return base32.encode(base32.decode(text), len(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r}: only {base32.ALPHABET}") from None


def _written(text: str, most: int) -> str:
    if not text.strip() or len(text) > most or not text.isprintable():
        raise argparse.ArgumentTypeError(f"1 to {most} printable characters")
    return text.strip()
