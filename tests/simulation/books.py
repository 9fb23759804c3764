"""What follows from the raw table: orders folded from their facts, and who is owed what."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from tests.simulation.model import Told, best_owned, fold, sale
from tests.simulation.society import Society
from tests.simulation.table import Change, Table

SALE, PAPER = "~sale#", 2
# Written once and never changed; all but these may be written again, and only WAITING may go.
FOR_EVER = {"FACT", "DELIVERY", "ENTRY", "REFERRER", "IDENTITY", "COUPON"}


class Violation(BaseException):
    """An invariant does not hold; no code under test may catch it."""


def require(holds: object, invariant: str, *about: object) -> None:
    if not holds:
        raise Violation(f"{invariant}: {', '.join(map(repr, about))}")


class Books:
    """The independent reading of the table, kept up to date with its changes."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.society = Society(table)
        self.told: dict[str, Told] = {}
        self.payments: defaultdict[str, dict[str, Told]] = defaultdict(dict)
        self.owned: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        self.owner: dict[str, str] = {}
        self.leads: dict[str, int] = {}
        self.tellings: dict[str, int] = {}
        self.kinds: Counter[str] = Counter()
        self.aside: Counter[tuple[str, str]] = Counter()
        self.facts: dict[str, set[str]] = {}
        self.freed: set[str] = set()
        """The caps that have given room back: who was held back by them may stay so."""
        self.said: dict[tuple[str, ...], Mapping[str, Any]] = {}
        """What somebody decided last about a credit while it was about two people."""
        self.let_go: Counter[tuple[str, ...]] = Counter()
        """What was granted last of a credit between two people after a night released it."""

    def update(self, changes: list[Change]) -> tuple[list[str], list[str], list[str]]:
        """The orders, members and owners of ledgers that changed."""
        touched: defaultdict[str, set[str]] = defaultdict(set)
        for change in changes:
            self._count(change)
            sort, name = _about(*change.key)
            touched[sort].add(name)
        orders, members = touched["order"], touched["member"]
        for key in sorted(orders):
            if not key.startswith(SALE):
                self._fold(key, orders)
        # Orders first: whose a sale is follows from those that tell of it.
        for key in sorted(orders, key=lambda key: (key.startswith(SALE), key)):
            members |= self._own(key)
        return sorted(orders), sorted(members), sorted(touched["ledger"])

    def _count(self, change: Change) -> None:
        kind = (change.new or change.old or {})["kind"]["S"]
        require(change.new is not None or kind == "WAITING", "nothing is deleted", change.key)
        if change.new is None:
            self.kinds[kind] -= 1
            return
        require(
            change.old is None or kind not in FOR_EVER, "what is written for ever stays", change
        )
        if kind == "QUARANTINE":
            for item, sign in ((change.old, -1), (change.new, 1)):
                if item is not None:
                    self.aside[item["source"]["S"], item["reason"]["S"]] += sign
        self.kinds[kind] += change.old is None

    def _fold(self, key: str, orders: set[str]) -> None:
        """Fold an order; the sale it tells of has changed with it."""
        items = self.table.parts[f"O#{key}"]
        bodies = [item["body"] for sk, item in sorted(items.items()) if sk.startswith("F#")]
        facts = [json.loads(body) for body in bodies]
        self.facts[key] = {json.dumps(fact, sort_keys=True) for fact in facts}
        self.told[key] = told = fold(key, facts)
        if told.payment_id is not None:
            self.payments[told.payment_id][key] = told
            orders.add(SALE + told.payment_id)

    def _own(self, key: str) -> set[str]:
        """Note whose an order is; returns whose figures it was and is part of."""
        item = self.table.get(f"O#{key}", "ORDER")
        require(item, "facts and their order are written together", key)
        member, before = (item or {}).get("member_id"), self.owner.get(key)
        if key.startswith(SALE):
            parts = self.payments[key.removeprefix(SALE)]
            require(parts, "a sale has orders that tell of it", key)
            self.told[key] = sale(key, parts)
            wanted = self.owner.get(best_owned(parts, self.owner, self.leads) or "")
            require(member == wanted, "a sale is its best order's member's", key, member, wanted)
        else:
            require(before in (None, member), "an order keeps its member", key, before, member)
            self._lead(key, member, int((item or {}).get("lead", 0)))
        if before not in (None, member):
            del self.owned[before or ""][key]
        if member is not None:
            self.owned[member][key] = self.told[key].contribution
        self.owner.pop(key, None)
        self.owner |= {key: member} if member is not None else {}
        return {one for one in (before, member) if one is not None}

    def _lead(self, key: str, member: str | None, lead: int) -> None:
        """Check and note what leads to an order's member: 0 a name for WeChat, 1 a shop's number, 2
        the paper. A name that came to lead there since is noted when the order is told again or
        comes from where it waits."""
        if member is None or self.society.accounts[member].get("erased_at"):
            require(member or not lead, "nothing leads to nobody", key)
        else:
            names = [one for one in self.told[key].identities if self.society.owner(one) == member]
            known = self.leads.get(key, PAPER) if member == self.owner.get(key) else PAPER
            best = min([known, *(int(one.startswith("buyer#")) for one in names)])
            again = self.tellings.get(key, 0) < (told := _tellings(self.facts[key]))
            self.tellings[key] = told
            require(best <= lead <= known, "what leads to a member is so", key, best, lead, known)
            require(lead == best or not again, "a name outweighs a paper", key, best, lead)
        self.leads[key] = lead

    def tellers(self, key: str) -> dict[str, Told]:
        """The orders that tell of what is counted under a key: itself, or a sale's parts."""
        return (
            self.payments[key.removeprefix(SALE)] if key.startswith(SALE) else {key: self.told[key]}
        )


def _tellings(facts: set[str]) -> int:
    return sum(json.loads(one)["type"] == "order.paid" for one in facts)


def _about(pk: str, sk: str) -> tuple[str, str]:
    """What an item has to be checked with: an order, also one that waits, figures, or a ledger."""
    if pk.startswith("O#"):
        return "order", pk[2:]
    if sk.startswith("P#"):
        return "order", sk[2:]
    if pk.startswith("AGG#"):
        return "member", sk
    if pk.startswith("L#"):
        return "ledger", pk.removeprefix("L#").rpartition("#")[0]
    return "other", pk
