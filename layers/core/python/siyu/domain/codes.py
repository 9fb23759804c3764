"""Tokens behind QR codes: 30 characters that a till can sign offline and nobody can guess.

Layout (Crockford base 32): 1 head (2 bits kind, 3 bits key version), 13 payload, 16 MAC (80 bits of
HMAC-SHA256). 30 characters fit WeCom's `state` (30) and a mini-program's `scene` (32). The payload
of a receipt or an issued code is 3 characters of store, 3 of day and 7 of serial; of a referral
code, 13 of the member's id. The MAC keeps guessing hopeless (2^-80 a try), so a serial may be a
plain counter. The day stands in the token, so an expired one is refused without asking anybody.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from siyu.domain import base32

STORE_CHARS = 3
DAY_CHARS = 3
SERIAL_CHARS = 7
PAYLOAD_CHARS = STORE_CHARS + DAY_CHARS + SERIAL_CHARS
MAC_CHARS = 16
TOKEN_CHARS = 1 + PAYLOAD_CHARS + MAC_CHARS
KEY_VERSIONS = range(8)
EPOCH = date(2000, 1, 1)
# A receipt may be scanned on the day it was printed and this many days after.
RECEIPT_DAYS = 60
# A till's clock may be a day ahead of the brand's.
CLOCK_SKEW_DAYS = 1


class CodeKind(IntEnum):
    """What a token stands for."""

    RECEIPT = 0
    ISSUED = 1
    MEMBER = 2


@dataclass(frozen=True, slots=True)
class Code:
    """A token taken apart; trustworthy only after `verify`."""

    kind: CodeKind
    key_version: int
    payload: str

    @property
    def store(self) -> str:
        """The store that printed the receipt or to which a code was issued (3 characters)."""
        return self.payload[:STORE_CHARS]

    @property
    def day(self) -> date | None:
        """The day a receipt was printed, or the last day of an issued code (None: no end)."""
        number = base32.decode(self.payload[STORE_CHARS : STORE_CHARS + DAY_CHARS])
        return EPOCH + timedelta(days=number) if number else None

    @property
    def key(self) -> str:
        """The name of a receipt or an issued code within the brand: its payload."""
        return self.payload

    @property
    def member_id(self) -> str:
        """The member behind a referral code."""
        return self.payload

    def good_on(self, today: date) -> bool:
        """Whether a receipt is neither too old nor from the future, an issued code not over."""
        if self.kind is CodeKind.MEMBER:
            return True
        day = self.day
        if self.kind is CodeKind.ISSUED:
            return day is None or today <= day
        if day is None:
            return False
        return -CLOCK_SKEW_DAYS <= (today - day).days <= RECEIPT_DAYS


def receipt_code(store: str, day: date, serial: int, key_version: int = 1) -> Code:
    """The code of one receipt: `serial` is unique within the store and day and below 2^35."""
    return Code(CodeKind.RECEIPT, key_version, _payload(store, day, serial))


def issued_code(store: str, last_day: date | None, serial: int, key_version: int = 1) -> Code:
    """A code that many may scan (door, guide, poster, parcel card); `last_day` None never ends."""
    return Code(CodeKind.ISSUED, key_version, _payload(store, last_day, serial))


def member_code(member_id: str, key_version: int = 1) -> Code:
    """A member's referral code."""
    return Code(CodeKind.MEMBER, key_version, member_id)


def mint(code: Code, key: bytes) -> str:
    """The signed token of a code. Raises ValueError when a part has the wrong length."""
    if len(code.payload) != PAYLOAD_CHARS or code.key_version not in KEY_VERSIONS:
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
        base32.decode(token[-MAC_CHARS:])
        return Code(CodeKind(head >> 3), head & 7, payload)
    except ValueError:
        return None


def verify(token: str, code: Code, key: bytes) -> bool:
    """Whether `token`, which was read as `code`, carries its MAC under `key` (constant time)."""
    given = base32.encode(base32.decode(token[-MAC_CHARS:]), MAC_CHARS)
    expected = mint(code, key)[-MAC_CHARS:]
    return hmac.compare_digest(given.encode(), expected.encode())


def _payload(store: str, day: date | None, serial: int) -> str:
    if len(store) != STORE_CHARS:
        raise ValueError("a store has 3 characters")
    normal = base32.encode(base32.decode(store), STORE_CHARS)
    number = (day - EPOCH).days if day else 0
    return normal + base32.encode(number, DAY_CHARS) + base32.encode(serial, SERIAL_CHARS)


def _mac(body: str, key: bytes) -> str:
    digest = hmac.digest(key, b"siyu-code-v1|" + body.encode(), hashlib.sha256)
    return base32.encode(int.from_bytes(digest[: MAC_CHARS * 5 // 8], "big"), MAC_CHARS)
