"""What is kept sealed about a member: their phone number, and for a day a question to WeCom."""

from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.storage import keys
from siyu.storage.member_items import LookupItem, PhoneItem
from siyu.storage.transaction import Transaction

LOOKUP_SECONDS = 86_400


def put_phone(write: Transaction, member_id: str, index: str, sealed: bytes, now: datetime) -> None:
    """The number behind an account's phone identity, sealed; a newer one replaces it."""
    key, at = keys.phone(member_id), to_utc(now)
    write.put("phone", PhoneItem(*key, sealed=sealed, identity_index=index, linked_at=at))


def forget_phone(write: Transaction, member_id: str) -> None:
    """Delete the number of an account."""
    write.delete("phone", PhoneItem(*keys.phone(member_id)))


def put_lookup(write: Transaction, member_id: str, sealed: str, now: datetime) -> None:
    """A question to WeCom about a new member, kept for a day."""
    ttl = int(now.timestamp()) + LOOKUP_SECONDS
    write.put(
        "lookup", LookupItem(*keys.lookup(member_id), member_id=member_id, sealed=sealed, ttl=ttl)
    )
