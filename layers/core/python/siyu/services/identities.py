"""Identities as the table knows them: a kind and a keyed hash, never the thing itself."""

from siyu.domain import keys as derived
from siyu.secrets import secrets
from siyu.settings import settings
from siyu.storage.members import Identity


def mini_program_openid(openid: str) -> Identity:
    """A shopper in the brand's mini-program: an openid means something within its app only."""
    return openid_in(settings().wechat_app_id, openid)


def openid_in(app_id: str, openid: str) -> Identity:
    """A shopper in one app of the brand's (mini-program, official account)."""
    return ("openid", index("openid", f"{app_id}|{openid}"))


def unionid(value: str) -> Identity:
    """A shopper across all apps of the brand's WeChat Open Platform account."""
    return ("unionid", index("unionid", value))


def phone(e164: str) -> Identity:
    return ("phone", index("phone", e164))


def wecom_contact(external_userid: str) -> Identity:
    """A customer as the brand's WeCom knows them."""
    return ("wecom", index("wecom", external_userid))


def wecom_pending(pending_id: str) -> Identity:
    """A customer-to-be, as WeCom names them before they are anybody's friend."""
    return ("pending", index("pending", pending_id))


def buyer(source: str, buyer_id: str) -> Identity:
    """A buyer as a platform knows them."""
    return ("buyer", index(f"buyer:{source}", buyer_id))


def index(kind: str, value: str) -> str:
    """The keyed hash under which an identity is stored."""
    return derived.blind_index(secrets().master_key, settings().brand, kind, value)


def reentry_mark(identity: Identity) -> str:
    """By which an erased identity is recognised when it comes back; leads to nobody."""
    kind, value = identity
    return derived.reentry_mark(secrets().master_key, settings().brand, f"{kind}#{value}")


def address_mark(kind: str, value: str) -> str:
    """A keyed hash of an address or a device, for limits and for telling a referral's honesty."""
    return derived.address_mark(secrets().master_key, settings().brand, kind, value)


def mark(kind: str, value: str | None) -> str | None:
    """The same of what may not be known."""
    return address_mark(kind, value) if value else None
