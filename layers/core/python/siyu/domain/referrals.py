"""Referral credit: what a referrer is owed for one order of a referee, and how to get there.

The target is computed from the order alone: earned is the share of what was paid, reversed the part
of it that refunds took back. The ledger is then moved from what is posted to the target, so partial
refunds, late refunds and repeats are all the same operation. One level; only real purchases.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from siyu.domain.calendar import business_date
from siyu.domain.ledger import Entry, EntryKind, member_account, programme_account
from siyu.domain.money import share_floor
from siyu.domain.orders import Order

PENDING = "pending"
RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Programme:
    """The rules in force. The hold outlasts the return window by a day, so that most returns meet
    a pending credit; what is returned later is taken from the released balance."""

    version: str = "2026-1"
    rate_bp: int = 500
    min_order_minor: int = 1_000
    hold_days: int = 15


PROGRAMME = Programme()
# A credit is settled by the rules it was opened under, however the programme has changed since.
PROGRAMMES = {programme.version: programme for programme in (PROGRAMME,)}


@dataclass(frozen=True, slots=True)
class Binding:
    """Who referred a member; bound once, at signup, for life."""

    referee_id: str
    referrer_id: str
    bound_at: datetime


@dataclass(frozen=True, slots=True)
class Target:
    """What should stand in the ledger for one order, in minor units."""

    earned_minor: int
    reversed_minor: int


@dataclass(frozen=True, slots=True)
class Credit:
    """What stands in the ledger for one order. `version` counts the postings."""

    order_key: str
    referrer_id: str
    referee_id: str
    programme: str
    release_on: date
    earned_minor: int = 0
    reversed_minor: int = 0
    state: str = PENDING
    version: int = 0

    @property
    def kept_minor(self) -> int:
        """What the referrer keeps of it: earned minus reversed."""
        return self.earned_minor - self.reversed_minor


def target_of(order: Order, binding: Binding, programme: Programme) -> Target:
    """What `order` owes its buyer's referrer.

    Nothing for an unpaid order, one below the minimum, one paid on a business day before the
    referee joined, or a self-referral. Never negative, whatever was refunded.
    """
    if order.paid is None or order.paid_minor < programme.min_order_minor:
        return Target(0, 0)
    if business_date(order.paid.occurred_at) < business_date(binding.bound_at):
        return Target(0, 0)
    if binding.referrer_id == order.member_id:
        return Target(0, 0)
    earned = share_floor(order.paid_minor, programme.rate_bp)
    kept = share_floor(max(order.net_minor, 0), programme.rate_bp)
    return Target(earned, earned - kept)


def open_credit(order_key: str, order: Order, binding: Binding, programme: Programme) -> Credit:
    """A credit with nothing posted yet. Raises ValueError for an order that was never paid."""
    release_on = _release_on(order, programme)
    return Credit(order_key, binding.referrer_id, binding.referee_id, programme.version, release_on)


def reschedule(credit: Credit, order: Order) -> Credit:
    """The credit with the day on which its order lets it go, which a later telling may change; what
    is released stays so."""
    if credit.state != PENDING:
        return credit
    return replace(credit, release_on=_release_on(order, PROGRAMMES[credit.programme]))


def _release_on(order: Order, programme: Programme) -> date:
    if order.paid is None:
        raise ValueError("only a paid order can earn a credit")
    return business_date(order.paid.occurred_at) + timedelta(days=programme.hold_days)


def reconcile(credit: Credit, target: Target) -> tuple[Credit, list[Entry]]:
    """The credit moved to its target, and the entries that move it there (none when it is there).

    Neither side ever shrinks, since entries are only added; what is kept is exactly what the target
    keeps. A sale may come down and go up again, while its sources tell of it one by one: then more
    is earned, and more taken back, than the target says, by the same amount.
    """
    kept = target.earned_minor - target.reversed_minor
    earned = max(credit.earned_minor, target.earned_minor)
    reversed_ = max(credit.reversed_minor, earned - kept)
    earned = kept + reversed_
    moved = replace(
        credit, earned_minor=earned, reversed_minor=reversed_, version=credit.version + 1
    )
    entries = list(_entries(credit, moved))
    return (moved, entries) if entries else (credit, [])


def release(credit: Credit) -> tuple[Credit, list[Entry]]:
    """The credit released, and the entry that makes its kept part spendable."""
    if credit.state == RELEASED:
        return credit, []
    moved = replace(credit, state=RELEASED, version=credit.version + 1)
    if credit.kept_minor == 0:
        return moved, []
    entry = Entry(
        f"{credit.order_key}:release:{moved.version}",
        EntryKind.RELEASE,
        member_account(credit.referrer_id, PENDING),
        member_account(credit.referrer_id, RELEASED),
        credit.kept_minor,
        credit.order_key,
        credit.programme,
    )
    return moved, [entry]


def _entries(before: Credit, after: Credit) -> Iterator[Entry]:
    programme = programme_account(before.programme)
    member = member_account(before.referrer_id, before.state)
    earned = after.earned_minor - before.earned_minor
    reversed_ = after.reversed_minor - before.reversed_minor
    moves = (
        (EntryKind.EARN, programme, member, earned),
        (EntryKind.REVERSE, member, programme, reversed_),
    )
    for kind, debit, credit, amount in moves:
        if amount > 0:
            entry_id = f"{before.order_key}:{kind}:{after.version}"
            yield Entry(entry_id, kind, debit, credit, amount, before.order_key, before.programme)
