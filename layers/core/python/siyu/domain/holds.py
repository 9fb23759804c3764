"""A hold: credit that a till was promised, then took in or gave back.

What a hold took from each account of a person stays known, so that what comes back goes to where it
came from, and undoing a merge leaves nobody in debt for another.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from heapq import nlargest

from siyu.domain.calendar import business_date
from siyu.domain.ledger import (
    HELD,
    RELEASED,
    Balance,
    Entry,
    EntryKind,
    member_account,
    store_account,
)
from siyu.errors import CreditRefusedError

STANDS, CAPTURED, VOIDED = "held", "captured", "voided"
# The longest return that a till undoes. Without an end, whoever gets hold of a till's key could
# give back all that its store ever took in.
UNDONE_WITHIN = timedelta(days=60)
# An entry, a balance and a profile of each account, and 100 writes go together.
MOST_PARTS = 30
Part = tuple[str, int]
"""An account, and what was taken from it."""
Postings = dict[str, list[Entry]]
"""Entries by the member whose they are."""


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code that a member showed. `mark` tells it from every other: one code, one hold."""

    member_id: str
    mark: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What a till asks for: exactly `amount_minor` of a member's credit towards a purchase of
    `spend_minor`. `hold_id` is the till's own."""

    store: str
    hold_id: str
    code: ShownCode
    amount_minor: int
    spend_minor: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Credit held for a till. `captured_minor` is what the store keeps of it; `member_id` the
    account whose code was shown, `parts` the accounts of the same person that pay."""

    hold_key: str
    hold_id: str
    store: str
    member_id: str
    parts: tuple[Part, ...]
    spend_minor: int
    held_at: datetime
    lapses_on: date
    state: str = STANDS
    captured_minor: int = 0
    version: int = 1

    @property
    def amount_minor(self) -> int:
        """What was held."""
        return sum(amount for _, amount in self.parts)

    def answers(self, wish: Wish) -> bool:
        """Whether it was made for this very wish: the answer was lost on its way."""
        asked = (wish.code.member_id, wish.amount_minor, wish.spend_minor)
        return (self.member_id, self.amount_minor, self.spend_minor) == asked


def spendable(balances: Iterable[Balance]) -> int:
    """What a person with these accounts may spend at once, in minor units. One account's debt is
    taken off another's credit, and a debt is nothing to spend until later credit has paid it off.
    No more than `MOST_PARTS` accounts pay together: those that have most."""
    stands = [one.released_minor for one in balances]
    most = sum(nlargest(MOST_PARTS, (one for one in stands if one > 0)))
    return max(0, min(sum(stands), most))


def make(
    hold_key: str, wish: Wish, balances: Mapping[str, Balance], now: datetime
) -> tuple[Hold, Postings]:
    """A hold on the accounts of a person, and its entries. From each account in turn no more is
    taken than it has; it lapses on the business day after it was made.

    Raises CreditRefusedError: more than the purchase, or more than there is to spend, which it
    then tells.
    """
    if wish.amount_minor > wish.spend_minor:
        raise CreditRefusedError("more_than_purchase")
    there = spendable(balances.values())
    if wish.amount_minor > there:
        raise CreditRefusedError("credit_not_enough", spendable_minor=there)
    hold = Hold(
        hold_key=hold_key,
        hold_id=wish.hold_id,
        store=wish.store,
        member_id=wish.code.member_id,
        parts=tuple(_first(_payers(balances), wish.amount_minor)),
        spend_minor=wish.spend_minor,
        held_at=now,
        lapses_on=business_date(now) + timedelta(days=1),
    )
    return hold, {
        member_id: [_between(hold, EntryKind.HOLD, member_id, (RELEASED, HELD), amount)]
        for member_id, amount in hold.parts
    }


def capture(hold: Hold, amount_minor: int) -> tuple[Hold, Postings]:
    """The hold with `amount_minor` of it taken in and the rest given back; the same again posts
    nothing. A hold that still stands is captured however late.

    Raises CreditRefusedError: given back already, captured at another amount, or more than held.
    """
    if hold.state == VOIDED:
        raise CreditRefusedError("hold_voided")
    if hold.state == CAPTURED:
        if amount_minor != hold.captured_minor:
            raise CreditRefusedError("hold_captured")
        return hold, {}
    if amount_minor > hold.amount_minor:
        raise CreditRefusedError("more_than_held")
    moved = replace(hold, state=CAPTURED, captured_minor=amount_minor, version=hold.version + 1)
    taken = dict(_first(hold.parts, amount_minor))
    posted: Postings = {}
    for member_id, amount in hold.parts:
        takes, left = taken.get(member_id, 0), amount - taken.get(member_id, 0)
        posted[member_id] = []
        if takes:
            held, store = member_account(member_id, HELD), store_account(hold.store)
            posted[member_id].append(_entry(moved, EntryKind.CAPTURE, held, store, takes))
        if left:
            back = _between(moved, EntryKind.VOID, member_id, (HELD, RELEASED), left)
            posted[member_id].append(back)
    return moved, posted


def void(hold: Hold, now: datetime) -> tuple[Hold, Postings]:
    """Everything given back: what is held, or what was taken in for a sale that was undone. The
    same again posts nothing. A hold that still stands is given back however late.

    Raises CreditRefusedError: taken in, and too late to undo it.
    """
    if hold.state == VOIDED:
        return hold, {}
    if hold.state == CAPTURED and now - hold.held_at > UNDONE_WITHIN:
        raise CreditRefusedError("too_late")
    moved = replace(hold, state=VOIDED, captured_minor=0, version=hold.version + 1)
    store = store_account(hold.store) if hold.state == CAPTURED else None
    posted: Postings = {}
    for member_id, amount in _first(hold.parts, hold.captured_minor) if store else hold.parts:
        lies, back = store or member_account(member_id, HELD), member_account(member_id, RELEASED)
        posted[member_id] = [_entry(moved, EntryKind.VOID, lies, back, amount)]
    return moved, posted


def _payers(balances: Mapping[str, Balance]) -> list[Part]:
    """The accounts that pay, in turn, each with all that it has to spend."""
    has = [(member_id, one.released_minor) for member_id, one in balances.items()]
    largest = nlargest(MOST_PARTS, (part for part in has if part[1] > 0), key=lambda part: part[1])
    return [part for part in has if part in largest]


def _first(parts: Iterable[Part], wanted: int) -> Iterator[Part]:
    """The first `wanted` minor units of some parts; those that give nothing are left out."""
    for member_id, amount in parts:
        taken = min(amount, wanted)
        if taken:
            yield member_id, taken
        wanted -= taken


def _between(
    hold: Hold, kind: EntryKind, member_id: str, states: tuple[str, str], amount: int
) -> Entry:
    """An entry between two accounts of one member's."""
    debit, credit = (member_account(member_id, state) for state in states)
    return _entry(hold, kind, debit, credit, amount)


def _entry(hold: Hold, kind: EntryKind, debit: str, credit: str, amount: int) -> Entry:
    """The id names the hold's version, so the same posting is the same entry."""
    entry_id = f"{hold.hold_key}:{hold.version}:{kind}"
    return Entry(entry_id, kind, debit, credit, amount, hold_key=hold.hold_key)
