"""Which key belongs to which code, and whether a token holds."""

from siyu.domain import keys as derived
from siyu.domain.codes import Code, CodeKind, member_code, mint, read, verify
from siyu.secrets import secrets
from siyu.settings import settings


def trusted(token: str, kinds: set[CodeKind]) -> Code | None:
    """The code behind a token that we signed, or None: forged and foreign ones look alike."""
    code = read(token)
    if code is None or code.kind not in kinds or not verify(token, code, _key(code)):
        return None
    return code


def referral_token(member_id: str) -> str:
    """A member's own referral code; it needs no storage, its MAC says that we made it."""
    code = member_code(member_id)
    return mint(code, _key(code))


def identity_index(kind: str, value: str) -> str:
    """The keyed hash under which an identity is stored."""
    return derived.blind_index(secrets().master_key, settings().brand, kind, value)


def _key(code: Code) -> bytes:
    master, brand = secrets().master_key, settings().brand
    if code.kind is CodeKind.MEMBER:
        return derived.referral_code_key(master, brand, code.key_version)
    return derived.store_code_key(master, brand, code.store, code.key_version)
