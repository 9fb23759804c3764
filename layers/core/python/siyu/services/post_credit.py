"""Post referral credits: what stands of them, their entries and balances, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from siyu.domain.credits import Credit, reconcile
from siyu.domain.ledger import Entry
from siyu.domain.referrals import Target
from siyu.domain.succession import leave
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


UNMOVED = Settled()


@dataclass(frozen=True, slots=True)
class Step:
    """A credit as it should stand, over the version that was read (0 for none), and the entries
    that take it there, by whose they are: a former referrer may have to give back."""

    over: int
    credit: Credit
    entries: tuple[tuple[str, Sequence[Entry]], ...]

    @property
    def number(self) -> int:
        """How many entries there are."""
        return sum(len(entries) for _, entries in self.entries)


def moved_to(
    before: Credit, after: Credit, target: Target, others: Sequence[Credit] = ()
) -> Step | None:
    """A credit goes on to be what it is, with what is known now and with released `others` that go
    over into it; None where nothing changes."""
    return _step(before, *reconcile(after, target, others))


def opened_as(
    after: Credit, former: Credit | None, target: Target, others: Sequence[Credit] = ()
) -> Step:
    """A credit begins, in the place of a `former` one that it takes the key of (of other people,
    by other rules, or in the other state), with released `others` that go over into it, the former
    one perhaps among them."""
    over, back = 0, tuple[tuple[str, Sequence[Entry]], ...]()
    if former is not None:
        gone, entries = leave(former)
        over, back = former.version, ((former.referrer_id, entries),)
        after = replace(after, version=gone.version)
    moved, entries = reconcile(after, target, others)
    moved = replace(moved, version=max(moved.version, over + 1))
    return Step(over, moved, (*back, (moved.referrer_id, entries)))


def left(credit: Credit, ruled: Ruled = UNRULED) -> Step | None:
    """A credit is over, with what somebody decided about it; None for one that was over before."""
    gone, entries = leave(ruled.over(credit))
    return _step(credit, gone, entries)


def post(steps: Sequence[Step | None], now: datetime, also: Sequence[Addition] = ()) -> Settled:
    """Write steps and what belongs to them together, if there are any. Raises StaleReadError."""
    taken = [step for step in steps if step is not None]
    if not taken:
        return UNMOVED
    write = Transaction()
    for step in taken:
        credit_items.put(write, step.credit, step.over)
    about = (
        (referrer_id, step.credit.order_key, entries)
        for step in taken
        for referrer_id, entries in step.entries
    )
    ledger.book_together(write, about, now)
    for add in also:
        add(write)
    write.commit()
    return Settled(sum(step.number for step in taken), moved=True)


def _step(before: Credit, moved: Credit, entries: Sequence[Entry]) -> Step | None:
    if not entries:
        if replace(moved, version=before.version) == before:
            return None
        moved = replace(moved, version=before.version + 1)
    return Step(before.version, moved, ((moved.referrer_id, entries),))
