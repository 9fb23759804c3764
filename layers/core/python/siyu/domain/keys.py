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
    """The key with which one store's till signs receipt and store codes offline."""
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
