"""Shoppers of a world: how they are known, who brought them, and when they come by."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from siyu.wechat.login import Login

REFERRERS = ("p0", "p1", "p2", "p3")


@dataclass
class Person:
    """A shopper; sources may know them by a `unionid` that their login does not show (`tells`)."""

    name: str
    unionid: str | None
    tells: bool
    joins: bool
    referrer: str | None
    receipts: list[str] = field(default_factory=list)
    device: str | None = None
    address: str = ""

    @property
    def early(self) -> bool:
        """Whether others may be brought by them."""
        return self.name in REFERRERS

    def login(self) -> Login:
        return Login(self.name, self.unionid if self.tells else None)


@dataclass(frozen=True)
class Visit:
    """A person scans a token, or the code at the door; `stranger` holds the paper of another."""

    person: Person
    token: str | None
    stranger: bool = False


def crowd(chance: random.Random) -> list[Person]:
    people = []
    for number in range(chance.choice((10, 10, 10, 12, 15, 30))):
        unionid = f"union{number}" if chance.random() < 0.6 else None
        referrer = chance.choice(REFERRERS) if number > 3 and chance.random() < 0.9 else None
        joins, tells = chance.random() < 0.92, chance.random() < 0.85
        # A device brings three new members at most.
        device = f"device{number // 3}" if chance.random() < 0.3 else None
        address = chance.choice(("", "", "a0", "a1"))
        people.append(
            Person(f"p{number}", unionid, tells, joins, referrer, device=device, address=address)
        )
    return people


def visits(people: Sequence[Person], chance: random.Random) -> Iterator[Visit]:
    """Who joins comes by at least once, at the door or with a receipt, and some papers are lost."""
    for person in people:
        if not person.joins:
            continue
        # Fewer than a shopper may scan in a day.
        papers = [token for token in person.receipts if chance.random() < 0.8][:8]
        if not papers or chance.random() < 0.6:
            yield Visit(person, None)
        for token in papers:
            yield Visit(person, token)
