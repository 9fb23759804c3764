"""When are two accounts one person? On proof they are merged; without it somebody has to look.

Proof is what WeChat or WeCom vouch for: one login that carries both identities, or a phone number
verified twice within its quarantine, where the brand's mini-program has it verified in real time.
Everything else is a suspicion, and so is a proof for a pair that somebody has taken apart before.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from siyu.settings import settings
from siyu.storage import merges
from siyu.storage.merges import PHONE, RECEIPT, Review
from siyu.storage.transaction import StaleReadError

# A Chinese carrier keeps a given-up number back for at least 90 days before somebody else gets it.
# So a number verified within that time is still the same person's; an older match proves nothing.
PHONE_QUARANTINE = timedelta(days=90)
BY_PROOF = "proof"
# https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/getPhoneNumber.html
# The ordinary phone button may give a number that was verified some time ago.
REAL_TIME = "realtime"


def after_login(by_openid: str | None, by_unionid: str | None, now: datetime) -> None:
    """One login that leads to two accounts: WeChat vouches that they are one person's."""
    if by_openid is not None and by_unionid is not None and by_openid != by_unionid:
        merge_on_proof(by_openid, by_unionid, "unionid", now)


def after_phone(
    member_id: str, owner: str, index: str, verified_at: datetime, now: datetime
) -> bool:
    """A number that `owner` verified before; whether that makes them one."""
    if phones_are_proof() and now - verified_at <= PHONE_QUARANTINE:
        return merge_on_proof(member_id, owner, "phone", now)
    suspect(member_id, owner, PHONE, now, about=index)
    return False


def phones_are_proof() -> bool:
    """Whether the brand's mini-program uses the phone button that verifies in real time only."""
    return settings().phone_proof == REAL_TIME


def merge_on_proof(one: str, other: str, proof: str, now: datetime) -> bool:
    """Merge on proof, unless somebody has undone it before: then they decide again."""
    if merges.undone(one, other) or merges.undone(other, one):
        suspect(one, other, proof, now)
        return False
    # Loaded for the rare merge, not with every start.
    from siyu.services.merge_members import merge_members  # noqa: PLC0415

    merge_members(one, other, proof, BY_PROOF, now)
    return True


def are_one(member_id: str | None, others: Iterable[str]) -> bool:
    """Whether accounts belong to one person already."""
    from siyu.storage import people  # noqa: PLC0415 - rare: a receipt that others hold

    person = people.load(member_id) if member_id else None
    return person is not None and set(others) <= set(person.member_ids)


def suspect(
    member_id: str | None,
    other_id: str | None,
    evidence: str,
    now: datetime,
    *,
    about: str | None = None,
) -> None:
    """Let somebody look at a match that proves nothing, once per pair and evidence. `about` is the
    receipt or the number's index; many may try their luck with a receipt, so it is told once."""
    if member_id is None or other_id is None or member_id == other_id:
        return
    first, second = sorted((member_id, other_id))
    review_id = merges.pair_id(first, second, evidence)
    if evidence == RECEIPT:
        review_id = f"{evidence}-{about}"
    try:
        merges.suspect(Review(review_id, first, second, evidence, now, about=about))
    except StaleReadError:
        return
