"""Tie a phone number that WeChat has verified to a member."""

from dataclasses import dataclass
from datetime import datetime

from siyu.services import identities, match_people
from siyu.services.sealing import seal
from siyu.services.show_member import known
from siyu.storage import members
from siyu.storage.transaction import Transaction, retrying


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of a number: linked, known (it was theirs), merged (it made two accounts one) or
    review (somebody else's; a person will look)."""

    status: str


def link_phone(member_id: str, e164: str, now: datetime) -> Linked:
    """Raises NotFoundError."""
    return retrying(lambda: _attempt(member_id, e164, now))


def _attempt(member_id: str, e164: str, now: datetime) -> Linked:
    person = known(member_id)
    identity = identities.phone(e164)
    owner = members.owners([identity]).get(identity)
    if owner is None:
        write = Transaction()
        members.link_identity(write, member_id, identity, "wechat_phone", now)
        members.name_identities(write, member_id, [identity])
        members.put_phone(write, member_id, identity[1], seal(e164, member_id), now)
        write.commit()
        return Linked("linked")
    owner_id, verified_at = owner
    if owner_id in person.member_ids:
        members.verify_again(identity, owner_id, now)
        return Linked("known")
    merged = match_people.after_phone(member_id, owner_id, verified_at, now)
    return Linked("merged" if merged else "review")
