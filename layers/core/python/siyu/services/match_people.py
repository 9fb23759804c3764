"""When are two accounts one person? On proof they are merged; without it somebody has to look.

Proof is what WeChat or WeCom vouch for: one login that carries both identities, or a phone number
verified twice within its quarantine. Everything else is a suspicion.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from siyu.services.merge_members import merge_members
from siyu.storage import merges, people
from siyu.storage.merges import Review
from siyu.storage.transaction import StaleReadError

# A Chinese carrier keeps a given-up number back for at least 90 days before somebody else gets it.
# So a number verified within that time is still the same person's; an older match proves nothing.
PHONE_QUARANTINE = timedelta(days=90)
BY_PROOF = "proof"


def after_login(by_openid: str | None, by_unionid: str | None, now: datetime) -> None:
    """One login that leads to two accounts: WeChat vouches that they are one person's."""
    if by_openid is not None and by_unionid is not None and by_openid != by_unionid:
        merge_members(by_openid, by_unionid, "unionid", BY_PROOF, now)


def after_phone(member_id: str, owner: str, verified_at: datetime, now: datetime) -> bool:
    """A number that `owner` verified before; whether that makes them one."""
    if now - verified_at <= PHONE_QUARANTINE:
        merge_members(member_id, owner, "phone", BY_PROOF, now)
        return True
    suspect(member_id, owner, "phone", now)
    return False


def are_one(member_id: str | None, others: Iterable[str]) -> bool:
    """Whether accounts belong to one person already."""
    person = people.load(member_id) if member_id else None
    return person is not None and set(others) <= set(person.member_ids)


def suspect(member_id: str | None, other_id: str | None, evidence: str, now: datetime) -> None:
    """Let somebody look at a match that proves nothing, once per pair and evidence."""
    if member_id is None or other_id is None or member_id == other_id:
        return
    first, second = sorted((member_id, other_id))
    try:
        merges.suspect(Review(f"{first}-{second}-{evidence}", first, second, evidence, now))
    except StaleReadError:
        return
