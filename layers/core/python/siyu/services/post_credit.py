"""Post a referral credit: what stands of it, its entries and balances, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from siyu.domain.credits import Credit, reconcile
from siyu.domain.referrals import Target
from siyu.domain.vetting import Ruling
from siyu.storage import credit_items, ledger
from siyu.storage.transaction import Transaction

Addition = Callable[[Transaction], None]
"""Something to write together with a credit."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A person's decision to put on a credit, and what to write together with it."""

    ruling: Ruling | None = None
    also: tuple[Addition, ...] = ()

    def over(self, credit: Credit) -> Credit:
        """The credit with the decision on it."""
        return replace(credit, ruling=self.ruling) if self.ruling else credit


UNRULED = Ruled()


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling came to: how many entries, and whether anything was written."""

    entries: int = 0
    moved: bool = False

    def plus(self, other: "Settled") -> "Settled":
        return Settled(self.entries + other.entries, self.moved or other.moved)


UNMOVED = Settled()


def post(
    before: Credit, after: Credit, target: Target, now: datetime, also: Sequence[Addition] = ()
) -> tuple[Credit, Settled]:
    """Post a credit as it should stand from here on; the credit then, and what it took."""
    moved, entries = reconcile(after, target)
    if not entries:
        if after == before and before.version:
            return before, UNMOVED
        moved = replace(after, version=after.version + 1)
    write = Transaction()
    credit_items.put(write, moved)
    ledger.book(write, moved.referrer_id, moved.order_key, entries, now)
    for add in also:
        add(write)
    write.commit()
    return moved, Settled(len(entries), moved=True)
