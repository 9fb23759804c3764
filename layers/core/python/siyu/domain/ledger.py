"""The ledger: an entry moves an amount from one account to another, is written once, never changed.

The id of an entry is made from what it is about, so posting the same movement again is the same
entry. A mistake is mended by a further entry. Balances are the sum of entries, and all balances
together are nothing: what members hold is what programmes owe and stores have not taken in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum


class EntryKind(StrEnum):
    """Why an amount moved."""

    EARN = "earn"
    REVERSE = "reverse"
    RELEASE = "release"
    HOLD = "hold"
    CAPTURE = "capture"
    VOID = "void"
    EXPIRE = "expire"
    RESTORE = "restore"


PENDING, RELEASED, HELD = "pending", "released", "held"


@dataclass(frozen=True, slots=True)
class Entry:
    """`amount_minor` > 0 moves from account `debit` to account `credit`, about an order's credit or
    a hold at a till."""

    entry_id: str
    kind: EntryKind
    debit: str
    credit: str
    amount_minor: int
    order_key: str | None = None
    programme: str | None = None
    hold_key: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """A member's credit in minor units. `released_minor` below zero is a debt that later credit
    pays off; `held_minor` is promised to a till. The others are totals over all time."""

    pending_minor: int = 0
    released_minor: int = 0
    held_minor: int = 0
    earned_minor: int = 0
    reversed_minor: int = 0
    spent_minor: int = 0
    expired_minor: int = 0

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(**{one: getattr(self, one) + getattr(other, one) for one in FIELDS})


FIELDS = tuple(field.name for field in fields(Balance))
# Which total an entry of a kind adds to, or takes from.
TOTALS = {
    EntryKind.EARN: ("earned_minor", 1),
    EntryKind.REVERSE: ("reversed_minor", 1),
    EntryKind.CAPTURE: ("spent_minor", 1),
    EntryKind.EXPIRE: ("expired_minor", 1),
    EntryKind.RESTORE: ("expired_minor", -1),
}


def member_account(member_id: str, state: str) -> str:
    """The account of a member's pending, released or held credit."""
    return f"member:{member_id}:{state}"


def programme_account(version: str) -> str:
    """The programme that pays: the counterpart of what members earn."""
    return f"programme:{version}"


def store_account(store: str) -> str:
    """What a store took in as payment."""
    return f"store:{store}"


def is_members(account: str) -> bool:
    """Whether an account is one of a member's; the others belong to the brand."""
    return account.startswith("member:")


def change_for(member_id: str, entries: Iterable[Entry]) -> Balance:
    """By how much `entries` move the balance of a member."""
    moved = dict.fromkeys(FIELDS, 0)
    for entry in entries:
        for state in (PENDING, RELEASED, HELD):
            account = member_account(member_id, state)
            moved[f"{state}_minor"] += moved_by(entry, account)
        if entry.kind in TOTALS:
            name, sign = TOTALS[entry.kind]
            moved[name] += sign * entry.amount_minor
        elif entry.kind is EntryKind.VOID and not is_members(entry.debit):
            moved["spent_minor"] -= entry.amount_minor
    return Balance(**moved)


def moved_by(entry: Entry, account: str) -> int:
    """By how much an entry moves an account."""
    return entry.amount_minor * ((entry.credit == account) - (entry.debit == account))
