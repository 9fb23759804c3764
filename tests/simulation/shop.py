"""What happens in a world: who buys, who tells of it and how well, and who comes by when.

Facts of one order are told by its source in any number and order. What depends on the order of
things by rule is left out: nobody finds the receipt of another before its owner scans it, no order
names its buyer both for WeChat and by a shop's number, no claim lapses, nobody is erased.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.clerk import HOURS, Clerk
from tests.simulation.ground import PAY, SHOP, SOURCES, TILL
from tests.simulation.letters import Message
from tests.simulation.people import Person, Visit, crowd, visits
from tests.simulation.rules import Publication, capped, versions
from tests.support import NOW

# Minutes by which sources may differ about a sale: it may fall on another day.
SPREAD = 1_440
WAYS = ("buyer", *3 * ("people",), "paper", "paper", "nobody", "late", "late")

Script = list[tuple[float, Message | Visit | Publication]]


class Shop(Clerk):
    """The script of a world: messages and visits by the hour at which they are sent and made."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.people = crowd(chance)
        self.published, self._later = versions(chance)
        known = (*self.published, *(one.programme for _, one in self._later))
        self.capped = any(map(capped, known))
        for number in range(chance.randint(16, 30)):
            self._business(str(number))
        for _ in range(chance.randint(0, 8)):
            self.tell_nonsense()
        for _ in range(chance.choice((0, 0, 1, 2))):
            self.tell_twice()

    def script(self) -> Script:
        """Senders and networks keep no order: some messages come much later than others."""
        timed: list[tuple[float, int, Message | Visit | Publication]] = []
        for number, (hours, publication) in enumerate(self._later):
            timed.append((hours, number - 20_000, publication))
        for number, message in enumerate(self.letters):
            hours = (message.received_at - NOW).total_seconds() / 3600
            late = self.chance.choice((0, 2, 10, self.chance.randint(0, 2 * HOURS)))
            timed.append((min(hours + late, HOURS), number, message))
        for number, visit in enumerate(visits(self.people, self.chance)):
            # Those who bring others come first.
            until = 0 if visit.person.early else self.chance.choice((2, 2, 4, 10, HOURS))
            timed.append((self.chance.uniform(0, until), number - 10_000, visit))
        return [(hours, one) for hours, _, one in sorted(timed, key=lambda timed: timed[:2])]

    def _business(self, order_id: str) -> None:
        chance = self.chance
        sort = chance.random()
        # Mostly somebody whom another one brought.
        person = chance.choice(chance.choice((self.people, self.people[4:], self.people[4:9])))
        if sort < 0.1:
            self._standalone(order_id, person)
        elif sort < 0.5:
            self._sale(order_id, person)
        else:
            source = chance.choice((SHOP, TILL))
            self._order(source, order_id, person, chance.randint(100, 30_000), self.moment())

    def _sale(self, order_id: str, person: Person) -> None:
        """One payment, told by two or three sources, each with an order of its own."""
        chance = self.chance
        sources = chance.sample(SOURCES, chance.choice((2, 3, 3)))
        amount = chance.randint(100, 30_000)
        way = chance.choice(WAYS)
        noon = self.moment().replace(hour=4)
        paper = chance.choice(sources) if way != "nobody" else None
        # Somebody else may find the paper, on which the buyer is not named, and have the sale until
        # those who know better tell of the payment.
        finder = chance.choice(self.people[4:]) if chance.random() < 0.5 else None
        late = finder is not None and chance.random() < 0.8
        way = chance.choice((way, "people")) if late and way != "nobody" else way
        for source in sources:
            about = {"payment_id": f"pay{order_id}", "payment_only": source == PAY}
            found = finder if source == paper and way != "paper" else None
            for number, part in enumerate(self._parts(source, amount)):
                unsaid = chance.random() < 0.25 or (way == "paper" and source != paper)
                self._order(
                    source,
                    f"{order_id}-{number}",
                    found or person,
                    part,
                    noon + timedelta(minutes=chance.randint(-SPREAD, SPREAD)),
                    way="nobody" if unsaid else "paper" if found else way,
                    with_paper=source == paper and number == 0,
                    about=about,
                    afterwards=late and source != paper,
                )

    def _parts(self, source: str, amount: int) -> list[int]:
        """A payment that pays two orders is told of in two parts by who knows the orders."""
        if source != PAY and amount > 1 and self.chance.random() < 0.4:
            return [amount // 2, amount - amount // 2]
        return [amount]

    def _order(
        self, source: str, order_id: str, person: Person, amount: int, at: datetime, *,
        way: str | None = None, with_paper: bool | None = None, about: dict[str, Any] | None = None,
        afterwards: bool = False,
    ) -> None:  # fmt: skip
        chance = self.chance
        way = way or chance.choice(WAYS)
        if with_paper is None:
            with_paper = way == "paper" or (way != "nobody" and chance.random() < 0.8)
        paid = {"order_id": order_id, "paid_minor": amount, **(about or {})}
        named = self._named(source, person, way)
        if with_paper:
            named["receipt_token"] = self.paper(at, person)
        lines = self._lines(amount)
        named_later = [None] if afterwards else self._when_named(about or {})
        for later in named_later:
            told = {name: value for name, value in named.items() if not self._left_out(way, name)}
            skew = timedelta(minutes=chance.choice((0, 0, 0, -1, 30, -45 if about else -400)))
            fields = {**paid, **told, **self._details(lines), "occurred_at": at + skew}
            if later is None:
                del fields["payment_id"]
            else:
                fields["occurred_at"] += timedelta(hours=later)
            self.tell(source, "order.paid", fields)
        if set(named_later) == {None} and (afterwards or chance.random() < 0.8):
            self.tell_afterwards(source, "order.paid", {**paid, "occurred_at": at})
        if chance.random() < 0.15:
            # Sources may tell different amounts of a sale: then it depends on who is believed.
            wrong = chance.choice(({"paid_minor": amount + 1}, {"till_id": "other"}))
            self.tell(source, "order.paid", {**paid, **named, **wrong, "occurred_at": at})
        self._life(source, order_id, person, amount, at)

    def _when_named(self, about: Mapping[str, Any]) -> Sequence[int | None]:
        """For each telling of an order, how many hours later it comes because it names the payment,
        None for one that does not: if none does, it may be told afterwards, or never, and then it
        is another purchase."""
        chance = self.chance
        tellings = chance.choice((1, 1, 2, 3))
        if "payment_id" not in about or chance.random() < 0.4:
            return tellings * [0]
        return [*tellings * [None], *chance.choice(((0,), (20,), (), ()))]

    def _lines(self, amount: int) -> list[dict[str, Any]]:
        """What was bought; freight is on no line, so lines may come to less than was paid."""
        left, lines = amount - self.chance.choice((0, 0, min(amount, 90))), []
        for sku in self.chance.sample(("s1", "s2", "x7"), self.chance.choice((1, 2, 3))):
            part = self.chance.choice((left, self.chance.randint(0, left)))
            lines.append({"sku": sku, "quantity": 2, "amount_minor": part})
            left -= part
        return lines

    def _details(self, lines: list[dict[str, Any]]) -> dict[str, Any]:
        """What a telling may say or leave out."""
        chance = self.chance
        said: dict[str, Any] = {}
        for name in ("store_id", "till_id"):
            if chance.random() < 0.4:
                said[name] = f"{name}-1"
        if chance.random() < 0.3:
            said["lines"] = lines
        return said

    def _left_out(self, way: str, name: str) -> bool:
        """Who bought, and the receipt, may be said at any time, together or apart."""
        if name == "buyer":
            return self.chance.random() < 0.3
        return way == "late" and self.chance.random() < 0.5

    def _named(self, source: str, person: Person, way: str) -> dict[str, Any]:
        """By what a source knows who bought."""
        named: dict[str, Any] = {}
        if way in ("buyer", "late"):
            named["buyer_id"] = f"{person.name}@{source}"
        if way == "people":
            both = {"openid": person.name} | ({"unionid": person.unionid} if person.unionid else {})
            known = self.chance.choice(sorted(both)) if self.chance.random() < 0.6 else None
            named["buyer"] = {known: both[known]} if known else both
        return named

    def _life(self, source: str, order_id: str, person: Person, amount: int, at: datetime) -> None:
        """What becomes of an order: refunds grow, and may come to more than was paid."""
        chance = self.chance
        for number in range(chance.choice((0, 0, 0, 1, 1, 2))):
            back = 0
            for _ in range(chance.choice((1, 1, 2, 3))):
                back += chance.randint(1, max(1, amount // chance.choice((1, 2, 4))))
                data = {"order_id": order_id, "refund_id": f"r{number}", "refunded_minor": back}
                if chance.random() < 0.3:
                    data["buyer_id"] = f"{person.name}@{source}"
                later = at + timedelta(hours=chance.randint(0, 20), minutes=chance.randint(0, 59))
                self.tell(source, "order.refunded", {**data, "occurred_at": later})
        for kind, odds in (("created", 0.3), ("cancelled", 0.12), ("completed", 0.3)):
            if chance.random() < odds:
                for _ in range(chance.choice((1, 2))):
                    hours = chance.randint(0, 40) if kind == "completed" else 0
                    when = at + timedelta(hours=hours, minutes=chance.randint(-60, 300))
                    self.tell(source, f"order.{kind}", {"order_id": order_id, "occurred_at": when})

    def _standalone(self, refund_id: str, person: Person) -> None:
        """A refund without a sale, which may be told of another buyer by mistake."""
        chance = self.chance
        source, at, back = chance.choice((SHOP, TILL)), self.moment(), 0
        for number in range(chance.choice((1, 2, 3))):
            back += chance.randint(1, 5_000)
            who = person if chance.random() < 0.9 else chance.choice(self.people)
            data: dict[str, Any] = {"refund_id": refund_id, "refunded_minor": back}
            if chance.random() < 0.7:
                data["buyer_id"] = f"{who.name}@{source}"
            data["occurred_at"] = at + timedelta(hours=number)
            self.tell(source, "order.refunded", data)
