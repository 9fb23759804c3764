"""Records of merges, and matches that wait for somebody to decide."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.storage import keys
from siyu.storage.member_items import MergeItem, ReviewItem
from siyu.storage.reading import indexed, partition, read
from siyu.storage.transaction import Transaction

OPEN, APPROVED, REJECTED = "open", "approved", "rejected"
PHONE, RECEIPT = "phone", "receipt"


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge: the younger account went into the older one; `number` tells repetitions apart."""

    survivor_id: str
    absorbed_id: str
    number: int
    proof: str
    merged_at: datetime
    merged_by: str


@dataclass(frozen=True, slots=True)
class Review:
    """Two accounts that may be one person, by evidence that proves nothing; `about` is the receipt
    or the index of the number."""

    review_id: str
    member_id: str
    other_id: str
    evidence: str
    noticed_at: datetime
    state: str = OPEN
    about: str | None = None


def record(write: Transaction, merge: Merge) -> None:
    """Keep why two accounts became one."""
    write.create(
        "merge",
        MergeItem(
            *keys.merge(merge.survivor_id, merge.absorbed_id, merge.number),
            survivor_id=merge.survivor_id,
            absorbed_id=merge.absorbed_id,
            proof=merge.proof,
            merged_at=to_utc(merge.merged_at),
            merged_by=merge.merged_by,
        ),
    )


def record_undo(write: Transaction, merge: Merge, by: str, because: str, now: datetime) -> None:
    """Keep why they are two again."""
    write.update(
        "merge",
        MergeItem(*keys.merge(merge.survivor_id, merge.absorbed_id, merge.number)),
        [
            MergeItem.undone_at.set(to_utc(now)),
            MergeItem.undone_by.set(by),
            MergeItem.undone_because.set(because),
        ],
        MergeItem.PK.exists() & MergeItem.undone_at.does_not_exist(),
    )


def standing(survivor_id: str, absorbed_id: str) -> Merge:
    """The merge of one account into another that has not been undone. Raises LookupError."""
    prefix = keys.merges_of(absorbed_id)
    for item in partition(keys.member_pk(survivor_id), prefix):
        if isinstance(item, MergeItem) and item.undone_at is None:
            number = int(item.SK.removeprefix(prefix))
            return Merge(
                survivor_id, absorbed_id, number, item.proof, item.merged_at, item.merged_by
            )
    raise LookupError("a merged account without its record")


def undone(survivor_id: str, absorbed_id: str) -> bool:
    """Whether a merge of one account into another was ever taken back."""
    found = partition(keys.member_pk(survivor_id), keys.merges_of(absorbed_id))
    return any(isinstance(item, MergeItem) and item.undone_at is not None for item in found)


def suspect(review: Review) -> None:
    """Put a match on the list; one that is or was there stays as it is."""
    write = Transaction()
    at = to_utc(review.noticed_at)
    item = ReviewItem(
        *keys.review(review.review_id),
        member_id=review.member_id,
        other_id=review.other_id,
        evidence=review.evidence,
        noticed_at=at,
        state=OPEN,
        about=review.about,
    )
    item.GSI1PK, item.GSI1SK = keys.open_review(at.isoformat(), review.review_id)
    write.create("review", item)
    write.commit()


def open_reviews() -> Iterator[Review]:
    """The matches nobody has decided, oldest first (eventual)."""
    return map(_review, indexed(ReviewItem, keys.OPEN_REVIEWS))


def find_review(review_id: str) -> Review | None:
    where = keys.review(review_id)
    item = read([where]).get(ReviewItem, where)
    return _review(item) if item else None


def suspected(some: Iterable[str], others: Iterable[str], evidence: str) -> bool:
    """Whether a match of this evidence, between any of some accounts and any of others, waits for
    somebody: one round trip, a read unit for each pair."""
    where = [keys.review(pair_id(one, other, evidence)) for one in some for other in others]
    found = read(where)
    items = (found.get(ReviewItem, key) for key in where)
    return any(item is not None and item.state == OPEN for item in items)


def pair_id(one: str, other: str, evidence: str) -> str:
    """The name of a match between two accounts, whichever is named first."""
    return "-".join((*sorted((one, other)), evidence))


def close(write: Transaction, review: Review, state: str, by: str, now: datetime) -> None:
    """Decide an open match, once."""
    write.put(
        "review",
        ReviewItem(
            *keys.review(review.review_id),
            member_id=review.member_id,
            other_id=review.other_id,
            evidence=review.evidence,
            noticed_at=to_utc(review.noticed_at),
            state=state,
            about=review.about,
            decided_at=to_utc(now),
            decided_by=by,
        ),
        ReviewItem.state == OPEN,
    )


def _review(item: ReviewItem) -> Review:
    return Review(
        keys.review_id(item.PK),
        item.member_id,
        item.other_id,
        item.evidence,
        item.noticed_at,
        item.state,
        item.about,
    )
