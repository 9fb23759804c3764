"""The ledger: an entry moves an amount from one account to another, is written once, never changed.

The id of an entry is made from what it is about, so posting the same movement again is the same
entry. A mistake is mended by a further entry. Balances are the sum of entries.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class EntryKind(StrEnum):
    """Why an amount moved."""

    EARN = "earn"
    REVERSE = "reverse"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Entry:
    """`amount_minor` > 0 moves from account `debit` to account `credit`."""

    entry_id: str
    kind: EntryKind
    debit: str
    credit: str
    amount_minor: int
    order_key: str
    programme: str


@dataclass(frozen=True, slots=True)
class Balance:
    """A member's credit in minor units. `released_minor` below zero is a debt that later credit
    pays off; earned and reversed are totals over all time."""

    pending_minor: int = 0
    released_minor: int = 0
    earned_minor: int = 0
    reversed_minor: int = 0

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(
            self.pending_minor + other.pending_minor,
            self.released_minor + other.released_minor,
            self.earned_minor + other.earned_minor,
            self.reversed_minor + other.reversed_minor,
        )


def member_account(member_id: str, state: str) -> str:
    """The account of a member's pending or released credit."""
    return f"member:{member_id}:{state}"


def programme_account(version: str) -> str:
    """The programme that pays: the counterpart of every member account."""
    return f"programme:{version}"


def change_for(member_id: str, entries: Iterable[Entry]) -> Balance:
    """By how much `entries` move the balance of a member."""
    pending = member_account(member_id, "pending")
    released = member_account(member_id, "released")
    total = Balance()
    for entry in entries:
        earned = reversed_ = 0
        if entry.kind is EntryKind.EARN:
            earned = entry.amount_minor
        elif entry.kind is EntryKind.REVERSE:
            reversed_ = entry.amount_minor
        total += Balance(_moved(entry, pending), _moved(entry, released), earned, reversed_)
    return total


def _moved(entry: Entry, account: str) -> int:
    return entry.amount_minor * ((entry.credit == account) - (entry.debit == account))
