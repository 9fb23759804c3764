"""Somebody looks at two accounts that may be one person, and decides: once, and by name."""

from collections.abc import Iterable
from datetime import datetime

from siyu.errors import ContentionError, NotFoundError, RefusalError
from siyu.services.known_member import known
from siyu.services.link_phone import release_phone
from siyu.services.merge_members import merge_members
from siyu.storage import merges
from siyu.storage.merges import PHONE, Merge, Review
from siyu.storage.transaction import Transaction, retrying


def open_reviews() -> Iterable[Review]:
    """What waits for a decision, oldest first; the list may lag a moment behind."""
    return merges.open_reviews()


def approve(review_id: str, by: str, now: datetime) -> Merge | None:
    """They are one: merge them. None when they had become one already.

    Raises NotFoundError for an unknown review or an erased account, RefusalError when it is
    decided already.
    """
    review = _undecided(review_id)
    proof = f"review: {review.evidence}"
    try:
        return merge_members(review.member_id, review.other_id, proof, by, now, review=review)
    except ContentionError:
        # Somebody else may have decided meanwhile; then that is the answer.
        _undecided(review_id)
        raise


def reject(review_id: str, by: str, now: datetime) -> None:
    """They are two, and will not be asked about again for the same evidence. A number that both
    had is free again: whoever of them holds it links it once more.

    Raises NotFoundError for an unknown review, RefusalError when it is decided.
    """
    review = _undecided(review_id)
    if review.evidence == PHONE and review.about is not None:
        # Before the decision, which can be made once only: who is cut off here begins again.
        release_phone(review.about, {review.member_id, review.other_id})
    retrying(lambda: _reject(review_id, by, now))


def merge_by_hand(one: str, other: str, by: str, because: str, now: datetime) -> Merge | None:
    """Merge on somebody's word. None when they are one already. Raises NotFoundError."""
    return merge_members(one, other, f"said: {because}", by, now)


def merges_of(member_id: str) -> list[Merge]:
    """The merges that made a person of several accounts. Raises NotFoundError."""
    members = (account.member for account in known(member_id).accounts)
    return [merges.standing(one.up, one.member_id) for one in members if one.up is not None]


def _reject(review_id: str, by: str, now: datetime) -> None:
    write = Transaction()
    merges.close(write, _undecided(review_id), merges.REJECTED, by, now)
    write.commit()


def _undecided(review_id: str) -> Review:
    review = merges.find_review(review_id)
    if review is None:
        raise NotFoundError("no such review")
    if review.state != merges.OPEN:
        raise RefusalError(f"this review is {review.state} already")
    return review
