"""Writes the messages of a world, each with its id and the time at which it is received."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from siyu.domain.codes import mint, receipt_code
from siyu.domain.keys import store_code_key
from tests.simulation.books import SALE
from tests.simulation.ground import SECRETS, SOURCES, STORE
from tests.simulation.letters import Message, letter, poison
from tests.simulation.people import Person
from tests.support import NOW

HOURS = 60
"""How long a world lasts: less than a claim waits for its order."""
AFTERWARDS = 400
"""After so many days all that can be released is."""


class Clerk:
    """What all that is told of a world has in common."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.letters: list[Message] = []
        self.afterwards: list[Message] = []
        """What is told long after it happened, when what it is about was released and spent."""
        self.joining: set[str] = set()
        """The orders it is about, and their sales."""
        self._number = 0
        self._key = store_code_key(SECRETS.master_key, "brand", STORE, 1)

    def tell(self, source: str, kind: str, data: dict[str, Any]) -> None:
        """One message, or two of the same delivery."""
        number, received = self._next(), self._received(data["occurred_at"])
        told = letter(number, source, f"d{number}", received, kind=kind, data=data)
        self.letters.append(told)
        if self.chance.random() < 0.15:
            self.letters.append(replace(told, number=self._next()))

    def tell_afterwards(self, source: str, kind: str, data: dict[str, Any]) -> None:
        number, received = self._next(), NOW + timedelta(days=AFTERWARDS)
        told = letter(number, source, f"d{number}", received, kind=kind, data=data)
        self.afterwards.append(told)
        self.joining |= {told.order_key, f"{SALE}{data['payment_id']}"}

    def tell_nonsense(self) -> None:
        at = self._received(self.moment())
        self.letters.append(poison(self._next(), self.chance.choice(SOURCES), at, self.chance))

    def tell_twice(self) -> None:
        """A sender gives two events one delivery id; one of them can be recorded."""
        source, at = self.chance.choice(SOURCES), self.moment()
        name = f"same{self._number}"
        for half in "ab":
            data = {"order_id": f"{name}{half}", "occurred_at": at}
            number, received = self._next(), self._received(at)
            told = letter(number, source, name, received, kind="order.created", data=data)
            self.letters.append(told)

    def moment(self) -> datetime:
        """When something is bought: some of it before anybody was a member."""
        hours = self.chance.randint(6, HOURS)
        if self.chance.random() < 0.1:
            hours = self.chance.randint(-700, 6)
        return NOW + timedelta(hours=hours, minutes=self.chance.randint(0, 59))

    def paper(self, at: datetime, person: Person) -> str:
        """The token on the receipt of a purchase, which its buyer has."""
        day = min(at, NOW).date()
        token = mint(receipt_code(STORE, day, self._next()), self._key)
        person.receipts.append(token)
        return token

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _received(self, occurred: datetime) -> datetime:
        """Clocks differ by hours; what is told days later is told in the time of the world."""
        wanted = occurred + timedelta(hours=self.chance.randint(-10, 30))
        inside = min(max(wanted, NOW), NOW + timedelta(hours=HOURS))
        return max(inside, occurred - timedelta(hours=20))
