"""Give a member the contacts that were there before anyone knew who they were."""

from datetime import datetime

from siyu.services.match_people import merge_on_proof
from siyu.storage import members, people, relations
from siyu.storage.members import Identity
from siyu.storage.relations import WaitingLink
from siyu.storage.transaction import Transaction, retrying


def link_waiting(identity: Identity, member_id: str, now: datetime) -> int:
    """Link every identity that waits for the owner of this one; returns how many.

    Safe to repeat. Raises ContentionError when it should be tried again.
    """
    waiting = list(relations.waiting_at(identity))
    if not waiting or gone(member_id):
        return 0
    for link in waiting:
        link_vouched(link, member_id, now, waits_at=identity)
    return len(waiting)


def link_vouched(
    link: WaitingLink, member_id: str, now: datetime, waits_at: Identity | None = None
) -> None:
    """Tie an identity that WeCom or WeChat vouch for to a member; its owner is the same person.

    Safe to repeat. Raises ContentionError when it should be tried again.
    """
    retrying(lambda: _link(link, member_id, now, waits_at))


def gone(member_id: str) -> bool:
    """Whether there is nobody to link to: no such member, or one who was erased."""
    person = people.load(member_id)
    return person is None or person.member.erased_at is not None


def _link(link: WaitingLink, member_id: str, now: datetime, waits_at: Identity | None) -> None:
    known = members.owners([link.identity]).get(link.identity)
    owner = known[0] if known else None
    write = Transaction()
    if owner is None:
        members.link_identity(write, member_id, link.identity, link.proof, now)
        members.name_identities(write, member_id, [link.identity])
    elif owner != member_id:
        merge_on_proof(owner, member_id, link.proof, now)
    if waits_at is not None:
        relations.stop_waiting(write, waits_at, link)
    write.commit()
