"""Tokens behind QR codes: 30 characters that a till can sign offline and nobody can guess.

Layout (Crockford base 32): 1 head (2 bits kind, 3 bits key version), 13 payload, 16 MAC (80 bits of
HMAC-SHA256). 30 characters fit WeCom's `state` (30) and a mini-program's `scene` (32). The payload
of a receipt or store code is 3 characters of store and 10 of number; of a referral code, 13 of the
member's id. The MAC keeps guessing hopeless (2^-80 a try), so a number may be a plain counter.
"""

import hashlib
import hmac
from dataclasses import dataclass
from enum import IntEnum

from siyu.domain import base32

STORE_CHARS = 3
NUMBER_CHARS = 10
PAYLOAD_CHARS = STORE_CHARS + NUMBER_CHARS
MAC_CHARS = 16
TOKEN_CHARS = 1 + PAYLOAD_CHARS + MAC_CHARS


class CodeKind(IntEnum):
    """What a token stands for."""

    RECEIPT = 0
    STORE = 1
    MEMBER = 2


@dataclass(frozen=True, slots=True)
class Code:
    """A token taken apart; trustworthy only after `verify`."""

    kind: CodeKind
    key_version: int
    payload: str

    @property
    def store(self) -> str:
        """The store that printed a receipt or store code (3 characters)."""
        return self.payload[:STORE_CHARS]

    @property
    def number(self) -> str:
        """The receipt's or code's number within its store (10 characters)."""
        return self.payload[STORE_CHARS:]

    @property
    def receipt_key(self) -> str:
        """The name of a receipt within the brand."""
        return f"{self.store}-{self.number}"

    @property
    def member_id(self) -> str:
        """The member behind a referral code."""
        return self.payload


def receipt_code(store: str, number: int, key_version: int = 1) -> Code:
    """The code of one receipt: `number` is unique within the store and below 2^50."""
    return Code(CodeKind.RECEIPT, key_version, store + base32.encode(number, NUMBER_CHARS))


def store_code(store: str, number: int = 0, key_version: int = 1) -> Code:
    """A code that many may scan: the door, a poster, a guide's badge; 0 is the store itself."""
    return Code(CodeKind.STORE, key_version, store + base32.encode(number, NUMBER_CHARS))


def member_code(member_id: str, key_version: int = 1) -> Code:
    """A member's referral code."""
    return Code(CodeKind.MEMBER, key_version, member_id)


def mint(code: Code, key: bytes) -> str:
    """The signed token of a code. Raises ValueError when a part has the wrong length."""
    if len(code.payload) != PAYLOAD_CHARS or not 0 <= code.key_version < 8:
        raise ValueError("a payload has 13 characters and a key version is 0 to 7")
    body = base32.encode(code.kind << 3 | code.key_version, 1) + code.payload
    return body + _mac(body, key)


def read(token: str) -> Code | None:
    """The code a token claims to be, or None when it is no token at all. Proves nothing yet."""
    if len(token) != TOKEN_CHARS:
        return None
    try:
        head = base32.decode(token[0])
        payload = base32.encode(base32.decode(token[1 : 1 + PAYLOAD_CHARS]), PAYLOAD_CHARS)
        return Code(CodeKind(head >> 3), head & 7, payload)
    except ValueError:
        return None


def verify(token: str, code: Code, key: bytes) -> bool:
    """Whether `token` carries the MAC of `code` under `key` (constant time)."""
    try:
        given = base32.encode(base32.decode(token[-MAC_CHARS:]), MAC_CHARS)
    except ValueError:
        return False
    expected = mint(code, key)[-MAC_CHARS:]
    return hmac.compare_digest(given.encode(), expected.encode())


def _mac(body: str, key: bytes) -> str:
    digest = hmac.digest(key, b"siyu-code-v1|" + body.encode(), hashlib.sha256)
    return base32.encode(int.from_bytes(digest[: MAC_CHARS * 5 // 8], "big"), MAC_CHARS)
