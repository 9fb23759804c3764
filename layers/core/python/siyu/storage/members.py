"""Accounts, the identities that lead to them, and who brought them."""

from collections.abc import Iterable
from datetime import datetime

from pynamodb.expressions.update import Action

from siyu.domain.calendar import to_utc
from siyu.domain.members import FirstTouch, Member
from siyu.storage import keys
from siyu.storage.member_items import IdentityItem, ProfileItem
from siyu.storage.reading import partition, read
from siyu.storage.transaction import Transaction

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
            erased_at=_utc(member.erased_at),
            was_member_since=_utc(member.was_member_since),
            noticed_at=_utc(member.noticed_at),
            devices=set(member.devices) or None,
            version=member.version,
        ),
    )


def link_identity(
    write: Transaction,
    member_id: str,
    identity: Identity,
    proof: str,
    now: datetime,
    *,
    device: str | None = None,
) -> None:
    """Tie an identity to an account, by which it was seen on a device; it must not be tied to any.
    Goes with `name_identities`."""
    kind, index = identity
    item = IdentityItem(
        *keys.identity(kind, index),
        identity_kind=kind,
        identity_index=index,
        member_id=member_id,
        proof=proof,
        linked_at=to_utc(now),
        devices={device} if device else None,
    )
    write.create(kind, item)


def check_owner(write: Transaction, identity: Identity, member_id: str) -> None:
    """Go on only if an identity still leads to this account."""
    still = IdentityItem.member_id == member_id
    write.check("identity", IdentityItem, keys.identity(*identity), still)


def name_identities(
    write: Transaction,
    member_id: str,
    identities: Iterable[Identity],
    seen: tuple[str, datetime] | None = None,
) -> None:
    """Note on an account that stands which identities lead to it: erasure must find them all. And
    on which further device it was `seen`, and when."""
    actions: list[Action] = [ProfileItem.version.add(1)]
    if names := {f"{kind}#{index}" for kind, index in identities}:
        actions.append(ProfileItem.identities.add(names))
    if seen is not None:
        actions.append(ProfileItem.devices.add({seen[0]}))
        actions.append(ProfileItem.noticed_at.set(to_utc(seen[1])))
    write.update(
        "profile",
        ProfileItem(*keys.profile(member_id)),
        actions,
        ProfileItem.PK.exists() & ProfileItem.erased_at.does_not_exist(),
    )


def see_device(write: Transaction, member_id: str, identity: Identity, device: str) -> None:
    """Note with an identity of an account's on which device it was seen."""
    item = IdentityItem(*keys.identity(*identity))
    actions = [IdentityItem.devices.add({device})]
    write.update("identity", item, actions, IdentityItem.member_id == member_id)


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
        item.was_member_since,
        item.noticed_at,
        frozenset(item.devices or ()),
    )


def _utc(instant: datetime | None) -> datetime | None:
    return to_utc(instant) if instant else None


def to_identities(item: ProfileItem) -> tuple[Identity, ...]:
    """The identities that lead to an account, in a fixed order."""
    parts = (name.partition("#") for name in sorted(item.identities or ()))
    return tuple((kind, index) for kind, _, index in parts)
