"""Tills that hold some credit of whoever comes by, take it in, or give it back."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime
from typing import Any

from siyu.domain.holds import ShownCode, Wish
from siyu.services.spend_credit import capture_hold, hold_credit, void_hold
from tests.simulation.books import Books
from tests.simulation.ground import STORE

Deed = tuple[Any, ...]


class Till:
    """What may be wanted of it, and how it is done."""

    def __init__(self, chance: random.Random, books: Books) -> None:
        self._chance, self._books = chance, books
        self._wishes: list[Deed] = []
        self.done: Counter[str] = Counter()
        """How often what was done; what was refused is not."""

    def may_spend(self, members: list[str]) -> bool:
        """Whether anybody has anything to spend."""
        return any(self._released(one) > 0 for one in members)

    def spend(self, members: list[str], now: datetime) -> Deed:
        """Hold some of what somebody has, or more; go on with a hold; or ask again for one whose
        answer was lost, whatever became of it."""
        chance = self._chance
        held = [wish for wish in self._wishes if self._stands(wish)]
        if held and chance.random() < 0.6:
            return self._go_on(chance.choice(held), now)
        if self._wishes and chance.random() < 0.2:
            wish = chance.choice(self._wishes)
            return wish if chance.random() < 0.4 else self._go_on(wish, now)
        return self.hold(members, now)

    def hold(self, members: list[str], now: datetime) -> Deed:
        """A code is shown, mostly by somebody who has something."""
        chance = self._chance
        has = {one: self._released(one) for one in members}
        rich = [one for one in members if has[one] > 0]
        member = chance.choice(rich if rich and chance.random() < 0.9 else members)
        most = max(has[member], 1)
        amount = chance.choice((most, most, (most + 1) // 2, most + 1))
        wish = ("hold", member, f"h{len(self._wishes) + 1}", amount, now)
        self._wishes.append(wish)
        return wish

    def _go_on(self, wish: Deed, now: datetime) -> Deed:
        _, _, hold_id, amount, _ = wish
        if self._chance.random() < 0.7:
            return "capture", hold_id, self._chance.choice((amount, amount, amount // 2)), now
        return "void", hold_id, now

    def _stands(self, wish: Deed) -> bool:
        hold = self._books.table.get(f"H#{STORE}#{wish[2]}", "HOLD") or {}
        return hold.get("state") == "held"

    def _released(self, member: str) -> int:
        """What the person behind an account may spend."""
        shards = [
            self._books.table.get(f"L#{one}#{number}", "BALANCE") or {}
            for one in self._books.society.person(member)
            for number in range(4)
        ]
        return sum(shard.get("released_minor", 0) for shard in shards)

    def do_hold(self, member: str, hold_id: str, amount: int, now: datetime) -> str:
        code = ShownCode(member, hold_id, now)
        return hold_credit(Wish(STORE, hold_id, code, amount, amount), now).state

    def do_capture(self, hold_id: str, amount: int, now: datetime) -> str:
        return capture_hold(STORE, hold_id, amount, now).state

    def do_void(self, hold_id: str, now: datetime) -> str:
        return void_hold(STORE, hold_id, now).state
