"""All keys of a brand are derived from one master key (HKDF-SHA256, RFC 5869), each for one use.

A leaked derived key (say, the one in a till) burns one store and one version, nothing else.
"""

import hashlib
import hmac


def derive(master_key: bytes, purpose: str, length: int = 32) -> bytes:
    """A key of `length` bytes (<= 8160) bound to `purpose`."""
    pseudo_random = hmac.digest(b"siyu-hkdf-v1", master_key, hashlib.sha256)
    block, output, counter = b"", b"", 0
    while len(output) < length:
        counter += 1
        block = hmac.digest(
            pseudo_random, block + purpose.encode() + bytes([counter]), hashlib.sha256
        )
        output += block
    return output[:length]


def store_code_key(master_key: bytes, brand: str, store: str, version: int) -> bytes:
    """The key with which one store's till signs receipts offline."""
    return derive(master_key, f"code|{brand}|{store}|{version}")


def referral_code_key(master_key: bytes, brand: str, version: int) -> bytes:
    """The key behind members' own referral codes."""
    return derive(master_key, f"referral|{brand}|{version}")


def session_key(master_key: bytes, brand: str, version: str) -> bytes:
    """The key that signs session tokens."""
    return derive(master_key, f"session|{brand}|{version}")


def blind_index(master_key: bytes, brand: str, kind: str, value: str) -> str:
    """A keyed hash by which an identity can be looked up but not read back (64 hex digits)."""
    key = derive(master_key, f"identity|{brand}")
    return hmac.new(key, f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()


def issued_code_key(master_key: bytes, brand: str, store: str, version: int) -> bytes:
    """The key behind the codes we issue for a store; no till ever holds it."""
    return derive(master_key, f"issued|{brand}|{store}|{version}")


def till_request_key(master_key: bytes, brand: str, store: str, version: int) -> bytes:
    """The key with which one store's till signs its requests to us."""
    return derive(master_key, f"till|{brand}|{store}|{version}")


def sealing_key(master_key: bytes, brand: str) -> bytes:
    """The key that wraps the data keys of sealed personal data."""
    return derive(master_key, f"seal|{brand}")


def delivery_key(master_key: bytes, brand: str) -> bytes:
    """The key that names deliveries which have no name but their content."""
    return derive(master_key, f"delivery|{brand}")


def statement_mark(master_key: bytes, brand: str, entry: str) -> str:
    """A keyed hash that names an entry, or what entries are about, to its owner, and tells nothing
    of the order behind it."""
    key = derive(master_key, f"statement|{brand}")
    return hmac.new(key, entry.encode(), hashlib.sha256).hexdigest()[:24]


def reentry_mark(master_key: bytes, brand: str, index: str) -> str:
    """A keyed hash of an erased identity's index: tells that it was here, leads to nobody."""
    key = derive(master_key, f"re-entry|{brand}")
    return hmac.new(key, index.encode(), hashlib.sha256).hexdigest()


def address_mark(master_key: bytes, brand: str, kind: str, value: str) -> str:
    """A keyed hash of a network address or device, for counting; nobody reads it back."""
    key = derive(master_key, f"address|{brand}")
    return hmac.new(key, f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()[:32]
