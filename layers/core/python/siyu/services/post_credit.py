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


def post(
    before: Credit, after: Credit, target: Target, now: datetime, also: Sequence[Addition] = ()
) -> tuple[Credit, int]:
    """Post a credit as it should stand from here on; the number of entries it took."""
    moved, entries = reconcile(after, target)
    if not entries:
        if after == before and before.version:
            return before, 0
        moved = replace(after, version=after.version + 1)
    write = Transaction()
    credit_items.put(write, moved)
    ledger.book(write, moved.referrer_id, moved.order_key, entries, now)
    for add in also:
        add(write)
    write.commit()
    return moved, len(entries)
