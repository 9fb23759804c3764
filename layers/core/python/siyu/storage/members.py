"""Accounts, the identities that lead to them, and who brought them."""

from collections.abc import Iterable
from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.domain.members import FirstTouch, Member
from siyu.storage import keys
from siyu.storage.member_items import (
    IdentityItem,
    LookupItem,
    PhoneItem,
    ProfileItem,
)
from siyu.storage.reading import partition, read
from siyu.storage.transaction import Transaction

LOOKUP_SECONDS = 86_400
Identity = tuple[str, str]
"""Kind and index."""


def put_member(write: Transaction, member: Member, identities: Iterable[Identity]) -> None:
    """A profile over the version before its own; version 1 must be new."""
    touch = member.first_touch
    write.replace(
        "profile",
        ProfileItem(
            *keys.profile(member.member_id),
            member_id=member.member_id,
            joined_at=to_utc(member.joined_at),
            first_touch_kind=touch.kind,
            first_touch_store=touch.store,
            first_touch_code=touch.code,
            first_touch_guide=touch.guide,
            first_touch_channel=touch.channel,
            first_touch_device=touch.device,
            identities={f"{kind}#{index}" for kind, index in identities} or None,
            up=member.up,
            parts=set(member.parts) or None,
            erased_at=to_utc(member.erased_at) if member.erased_at else None,
            version=member.version,
        ),
    )


def link_identity(
    write: Transaction, member_id: str, identity: Identity, proof: str, now: datetime
) -> None:
    """Tie an identity to an account; it must not be tied to any. Goes with `name_identities`."""
    kind, index = identity
    item = IdentityItem(
        *keys.identity(kind, index),
        identity_kind=kind,
        identity_index=index,
        member_id=member_id,
        proof=proof,
        linked_at=to_utc(now),
    )
    write.create(kind, item)


def check_owner(write: Transaction, identity: Identity, member_id: str) -> None:
    """Go on only if an identity still leads to this account."""
    still = IdentityItem.member_id == member_id
    write.check("identity", IdentityItem, keys.identity(*identity), still)


def name_identities(write: Transaction, member_id: str, identities: Iterable[Identity]) -> None:
    """Note on an account that stands which identities lead to it: erasure must find them all."""
    names = {f"{kind}#{index}" for kind, index in identities}
    write.update(
        "profile",
        ProfileItem(*keys.profile(member_id)),
        [ProfileItem.identities.add(names), ProfileItem.version.add(1)],
        ProfileItem.PK.exists() & ProfileItem.erased_at.does_not_exist(),
    )


def forget_identity(write: Transaction, identity: Identity, member_id: str) -> None:
    """Let an identity lead nowhere; it must still lead to this account."""
    item = IdentityItem(*keys.identity(*identity))
    write.delete("identity", item, IdentityItem.member_id == member_id)


def touch(write: Transaction, member: Member) -> None:
    """Go on only if the account is as it was read; whoever read it too has to read it again."""
    write.update(
        "profile",
        ProfileItem(*keys.profile(member.member_id)),
        [ProfileItem.version.add(1)],
        ProfileItem.version == member.version,
    )


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


def verify_again(identity: Identity, member_id: str, now: datetime) -> None:
    """Note that an identity was proven once more by the account it belongs to."""
    write = Transaction()
    write.update(
        "identity",
        IdentityItem(*keys.identity(*identity)),
        [IdentityItem.linked_at.set(to_utc(now))],
        IdentityItem.member_id == member_id,
    )
    write.commit()


def owners(identities: Iterable[Identity]) -> dict[Identity, tuple[str, datetime]]:
    """Who owns which of some identities, and since when: one round trip."""
    where = {identity: keys.identity(*identity) for identity in identities}
    found = read(where.values())
    items = {identity: found.get(IdentityItem, key) for identity, key in where.items()}
    return {
        identity: (item.member_id, item.linked_at)
        for identity, item in items.items()
        if item is not None
    }


def speaking(member_id: str) -> Member | None:
    """The account that speaks for the person behind one, or None: a query for each account on the
    way up. What else is theirs is in `people`."""
    below, at = None, member_id
    while True:
        found = (item for item in partition(*keys.profile(at)) if isinstance(item, ProfileItem))
        if (item := next(found, None)) is None:
            return None
        member = to_member(item)
        if below is not None and below not in member.parts:
            # Its merge was undone between two reads: what was read is somebody else.
            below, at = None, member_id
        elif member.up is None:
            return member
        else:
            below, at = at, member.up


def to_member(item: ProfileItem) -> Member:
    return Member(
        item.member_id,
        item.joined_at,
        FirstTouch(
            item.first_touch_kind,
            item.first_touch_store,
            item.first_touch_code,
            item.first_touch_guide,
            item.first_touch_channel,
            item.first_touch_device,
        ),
        item.up,
        tuple(sorted(item.parts or ())),
        item.erased_at,
        int(item.version),
    )


def to_identities(item: ProfileItem) -> tuple[Identity, ...]:
    """The identities that lead to an account, in a fixed order."""
    parts = (name.partition("#") for name in sorted(item.identities or ()))
    return tuple((kind, index) for kind, _, index in parts)
