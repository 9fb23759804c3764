"""Histories written by hand, for the tests of those who judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siyu.domain.ledger import Balance, Entry, change_for, moved_by
from tests.jepsen import transfers
from tests.jepsen.claims import BRAND, CLAIM, Claim
from tests.jepsen.history import FAIL, OK, History, Op
from tests.jepsen.observer import BALANCES, PLACES
from tests.jepsen.subsets import Vector, plus
from tests.jepsen.transfers import MEMBERS, Transfer
from tests.jepsen.views import ENTRIES, FINAL, SNAPSHOT, TRANSFER, entries_in, moves_of


def earned(number: int, minor: int) -> Transfer:
    """The credit of an order, to the first member."""
    return transfers.earn(transfers.order_key(number), MEMBERS[0], minor)[0]


def held(number: int, first: int, second: int) -> Transfer:
    """A hold that two members pay."""
    return transfers.hold(f"hold-{number}", {MEMBERS[0]: first, MEMBERS[1]: second})[0]


class Tale(History):
    """A history in which one thing happens after the other, if nothing else is said."""

    def did(self, asked: Transfer, outcome: str = OK) -> Op:
        op = self.invoke(0, TRANSFER, asked)
        self.end(op, outcome)
        return op

    def looks(self, kind: str = SNAPSHOT, asked: str | None = None) -> Op:
        """A read begins."""
        return self.invoke(1, kind, asked)

    def saw(self, *seen: Op, read: Op | None = None, but: Mapping[str, Vector] | None = None) -> Op:
        """Somebody reads all balances: the sum of some transfers, `but` for some items."""
        op = read or self.looks()
        self.end(op, OK, {"balances": {**sums(seen), **(but or {})}})
        return op

    def listed(self, member_id: str, *seen: Op) -> None:
        """Somebody reads the entries of a member."""
        op = self.looks(ENTRIES, member_id)
        transfers_seen = [one.asked.entries.get(member_id, ()) for one in seen]
        self.end(op, OK, [entry for theirs in transfers_seen for entry in theirs])

    def closed(self, *applied: Op, stands: Sequence[Entry] | None = None) -> Tale:
        """The last read of everything."""
        op = self.looks(FINAL)
        entries = [entry for one in applied for entry in entries_in(one)]
        told = entries if stands is None else list(stands)
        self.end(op, OK, {"balances": sums(applied), "entries": told})
        return self

    def claimed(self, wanted: Claim, outcome: str, answer: str | None) -> None:
        self.end(self.invoke(0, CLAIM, wanted), outcome, answer)

    def told(self, *claims: Claim, counts: int = 1) -> None:
        """A last read of claims, of which the balances hold each so many times."""
        by_member = {one: [c.entry for c in claims if c.member_id == one] for one in MEMBERS}
        balances = {
            one: sum((change_for(one, theirs) for _ in range(counts)), Balance())
            for one, theirs in by_member.items()
        }
        brand = counts * sum(moved_by(one.entry, BRAND) for one in claims)
        entries = [one.entry for one in claims]
        answer: dict[str, Any] = {"entries": entries, "balances": balances, "brand": brand}
        self.end(self.invoke(1, FINAL, None), OK, answer)


def sums(seen: Sequence[Op]) -> dict[str, Vector]:
    """What stands on every item after some transfers."""
    stands: dict[str, Vector] = {
        key.pk: (0,) * (len(Balance.__slots__) if key in BALANCES else 1) for key in PLACES
    }
    for op in seen:
        for place, moved in moves_of(op).items():
            stands[place] = plus(stands[place], moved)
    return stands


def failed(tale: Tale, wanted: Transfer) -> Op:
    return tale.did(wanted, FAIL)
