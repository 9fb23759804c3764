"""Tie a phone number that WeChat vouches for to a member; a newer one replaces the older one."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from siyu.errors import NotFoundError
from siyu.services import identities, match_people
from siyu.services.confirm_login import confirm_login
from siyu.services.known_member import known
from siyu.services.sealing import seal
from siyu.storage import members, phones, reentries
from siyu.storage.members import Identity
from siyu.storage.people import Account
from siyu.storage.transaction import StaleReadError, Transaction, retrying
from siyu.wechat.login import Login


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of a number: linked, known (it was theirs), merged (it made two accounts one) or
    review (somebody else's; a person will look)."""

    status: str


def link_own_phone(
    member_id: str, login: Login, number: Callable[[], str], now: datetime
) -> Linked:
    """For the member's own request: a session alone, which may be stolen, is not enough, since a
    number can make two accounts one. Raises NotFoundError, LoginRefusedError, PhoneRefusedError."""
    confirm_login(known(member_id), login)
    return link_phone(member_id, number(), now)


def link_phone(member_id: str, e164: str, now: datetime) -> Linked:
    """Raises NotFoundError."""
    return retrying(lambda: _attempt(member_id, e164, now))


def _attempt(member_id: str, e164: str, now: datetime) -> Linked:
    person = known(member_id)
    identity = identities.phone(e164)
    owner = members.owners([identity]).get(identity)
    if owner is None:
        account = next(one for one in person.accounts if one.member.member_id == member_id)
        _link(account, identity, e164, now)
        return Linked("linked")
    owner_id, verified_at = owner
    if owner_id in person.member_ids:
        if match_people.phones_are_proof():
            members.verify_again(identity, owner_id, now)
        return Linked("known")
    try:
        merged = match_people.after_phone(member_id, owner_id, identity[1], verified_at, now)
    except NotFoundError:
        # One of the two was erased meanwhile: if it was the other one, the number is free.
        raise StaleReadError(frozenset({"identity"})) from None
    return Linked("merged" if merged else "review")


def _link(account: Account, identity: Identity, e164: str, now: datetime) -> None:
    """The account's older number leads nowhere from now on: somebody else may get it. By the number
    somebody is recognised who was erased: they are no friend whom anybody brought."""
    member_id = account.member.member_id
    write = Transaction()
    older = [one for one in account.identities if one[0] == identity[0]]
    for one in older:
        members.forget_identity(write, one, member_id)
    kept = [one for one in account.identities if one not in older]
    after = replace(account.member, version=account.member.version + 1)
    if (since := reentries.was_here_since(identities.reentry_mark(identity))) is not None:
        since = min(since, after.was_member_since or since)
        after = replace(after, was_member_since=since, noticed_at=now)
    members.put_member(write, after, [*kept, identity])
    members.link_identity(write, member_id, identity, "wechat_phone", now)
    phones.put_phone(write, member_id, identity[1], seal(e164, member_id), now)
    write.commit()


def release_phone(index: str, accounts: Collection[str]) -> None:
    """Let a number of one of some accounts lead to nobody, so that whoever holds it can link it
    anew. Again is harmless, and so is a number that has gone to somebody else since."""
    retrying(lambda: _release(("phone", index), accounts))


def _release(identity: Identity, accounts: Collection[str]) -> None:
    owner, _ = members.owners([identity]).get(identity, (None, None))
    if owner is None or owner not in accounts:
        return
    account = next(one for one in known(owner).accounts if one.member.member_id == owner)
    write = Transaction()
    members.forget_identity(write, identity, owner)
    phones.forget_phone(write, owner)
    after = replace(account.member, version=account.member.version + 1)
    members.put_member(write, after, [one for one in account.identities if one != identity])
    write.commit()
