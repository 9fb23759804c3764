"""Which key belongs to which code, and whether a token holds."""

from datetime import date

from siyu.domain import keys as derived
from siyu.domain.codes import (
    PAYLOAD_CHARS,
    TOKEN_CHARS,
    Code,
    CodeKind,
    member_code,
    mint,
    read,
    verify,
)
from siyu.secrets import secrets
from siyu.settings import settings

# What is no token at all costs what a forged one costs, so that time tells nothing.
_NO_TOKEN = "0" * TOKEN_CHARS
_NO_CODE = Code(CodeKind.RECEIPT, 0, "0" * PAYLOAD_CHARS)


def trusted(token: str, kinds: set[CodeKind], today: date | None = None) -> Code | None:
    """The code behind a token that we signed and, given `today`, that is not over; or None.

    Malformed, forged and expired tokens take the same steps and look alike: all is decided from
    the token alone, without asking anybody.
    """
    code = read(token)
    known = code is not None and code.kind in kinds
    signed = verify(token if code else _NO_TOKEN, code or _NO_CODE, _key(code or _NO_CODE))
    good = code is not None and (today is None or code.good_on(today))
    return code if known and signed and good else None


def token_of(code: Code) -> str:
    """The signed token of a code."""
    return mint(code, _key(code))


def referral_token(member_id: str) -> str:
    """A member's own referral code; it needs no storage, its MAC says that we made it."""
    return token_of(member_code(member_id))


def link_of(origin: str, token: str) -> str:
    """Where a code is opened (`siyu.api.landing_page`); `origin` is where we are reached."""
    return f"{origin}/r/{token}"


def _key(code: Code) -> bytes:
    master, brand = secrets().master_key, settings().brand
    match code.kind:
        case CodeKind.MEMBER:
            return derived.referral_code_key(master, brand, code.key_version)
        case CodeKind.ISSUED:
            return derived.issued_code_key(master, brand, code.store, code.key_version)
        case CodeKind.RECEIPT:
            return derived.store_code_key(master, brand, code.store, code.key_version)
