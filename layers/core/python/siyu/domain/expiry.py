"""What of a referrer's credit comes to its end unspent: the oldest is spent first.

Every released credit is a lot. What was spent, is held or has expired is counted against the lots
in the order in which they end, those without an end last. So nothing has to be noted on a lot when
a till takes some of it, and what a till gives back is found again with the account's next lot.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from siyu.domain.credits import Credit, posting
from siyu.domain.ledger import (
    RELEASED,
    Balance,
    Entry,
    EntryKind,
    member_account,
    programme_account,
)


def lots_of(found: Iterable[Credit], member_id: str) -> list[Credit]:
    """The released credits of an account, those that end first before the others."""
    mine = (one for one in found if one.referrer_id == member_id and one.state == RELEASED)
    return sorted(mine, key=_rank)


def add_up(lots: Iterable[Credit], balance: Balance) -> bool:
    """Whether these are all lots of an account with this balance: what they keep is what can be
    spent, is held, was spent or has expired."""
    spendable = balance.released_minor + balance.held_minor
    known = spendable + balance.spent_minor + balance.expired_minor
    return sum(one.kept_minor for one in lots) == known


def ended(
    lots: Iterable[Credit], balance: Balance, day: date
) -> Iterator[tuple[Credit, list[Entry]]]:
    """The lots that end on `day` or before and have changed by it, with what is posted for each.

    What a till holds is not taken: it is spent or given back within a day, and until then its lot
    waits on. Nothing goes below zero, since a lot's unspent part is part of what can be spent.
    """
    for lot, free, promised in _unspent(lots, balance):
        if lot.expires_on is None or lot.expires_on > day:
            return
        after, entries = _expire(lot, free, lot.kept_minor - promised)
        if after is not lot:
            yield after, entries


def next_end(lots: Iterable[Credit], balance: Balance) -> tuple[date, int] | None:
    """The first day on which some of what can be spent ends, and how much does then, in minor
    units; None where nothing does."""
    ends = [(lot.expires_on, free) for lot, free, _ in _unspent(lots, balance) if free]
    first = ends[0][0] if ends else None
    if first is None:
        return None
    return first, sum(free for day, free in ends if day == first)


def _unspent(lots: Iterable[Credit], balance: Balance) -> Iterator[tuple[Credit, int, int]]:
    """Of each lot what can still be spent, and what a till holds of it."""
    spent, held = balance.spent_minor, balance.held_minor
    for lot in lots:
        # What has expired of a lot was spent by nobody, so it is not what a till took.
        left = lot.kept_minor - lot.expired_minor
        taken = min(left, spent)
        promised = min(left - taken, held)
        spent, held = spent - taken, held - promised
        yield lot, left - taken - promised, promised


def _rank(credit: Credit) -> tuple[date, date, str]:
    return credit.expires_on or date.max, credit.release_on, credit.order_key


def _expire(credit: Credit, free_minor: int, ended_minor: int) -> tuple[Credit, list[Entry]]:
    """The credit with `free_minor` of it expired, and the entry that takes it from the referrer;
    `ended_minor` of it, that included, is done with."""
    expired = credit.expired_minor + free_minor
    if (expired, ended_minor) == (credit.expired_minor, credit.ended_minor):
        return credit, []
    moved = replace(
        credit, expired_minor=expired, ended_minor=ended_minor, version=credit.version + 1
    )
    if free_minor == 0:
        return moved, []
    member = member_account(credit.referrer_id, RELEASED)
    programme = programme_account(credit.programme)
    return moved, [posting(moved, EntryKind.EXPIRE, member, programme, free_minor)]
