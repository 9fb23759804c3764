"""A season of a small shop, played at random: members join, buy, send back, refuse to be profiled
and come back, are merged and erased; a night after each day, and what everybody was labelled."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from siyu.api.order_event import read_event
from siyu.domain.consents import Consent, Purpose
from siyu.domain.label_book import NOWHERE, LabelBook
from siyu.domain.night_report import Report
from siyu.domain.published import measure_of
from siyu.domain.schemes import DEFAULT
from siyu.domain.segments import Measure
from siyu.services.decide_review import merge_by_hand
from siyu.services.erase_member import erase_member
from siyu.services.record_consent import record_consent
from siyu.services.record_order import record_order
from siyu.services.segment_members import segment_members
from siyu.storage import figures
from tests.services.shop import receipt, scan
from tests.support import NOW, SOURCE, dump

Labels = Mapping[str, str]
"""Codes by member, of those who are counted."""


@dataclass(frozen=True)
class Night:
    """A night with what everybody was labelled right before it and after it, and their numbers."""

    as_of: date
    before: Labels
    after: Labels
    measures: Mapping[str, Measure]
    report: Report


@dataclass
class Season:
    """What happened so far."""

    seed: int
    now: datetime = NOW
    nights: list[Night] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    sold: list[tuple[str, int]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.luck = random.Random(self.seed)

    def play(self, nights: int, joining: int = 4, deeds: int = 6) -> Season:
        """Days with deeds, each followed by its night; the days are up to two months apart."""
        for _ in range(nights):
            for _ in range(joining):
                self.join()
            for _ in range(deeds):
                self.deed()
            self.now += timedelta(days=self.luck.choice([1, 1, 2, 30, 60]))
            self.night()
        return self

    def join(self) -> None:
        number = len(self.members)
        token = receipt(number, self.now.date())
        self.members.append(scan(token, f"shopper{number}", now=self.now).member_id)

    def buy(self, number: int, amount: int) -> None:
        name = f"{next(self.numbers)}"
        at = self.now - timedelta(days=self.luck.choice([0, 0, 1, 40]))
        buyer = {"openid": f"shopper{number}"}
        self.hear("paid", at, order_id=name, paid_minor=amount, buyer=buyer)
        self.sold.append((name, amount))

    def hear(self, what: str, at: datetime, **data: Any) -> None:
        """An event of the shop, received today."""
        fields = {"occurred_at": at.isoformat(), "currency": "CNY", **data}
        content = {"type": f"order.{what}", "data": fields}
        record_order(read_event(SOURCE, f"{what}-{data['order_id']}", self.now, content))

    def deed(self) -> None:
        chosen = self.luck.randrange(len(self.members))
        member_id, what = self.members[chosen], self.luck.random()
        if member_id in self.gone:
            return
        if what < 0.6:
            self.buy(chosen, self.luck.randint(1, 90) * 1_000)
        elif what < 0.75 and self.sold:
            name, amount = self.sold.pop(self.luck.randrange(len(self.sold)))
            refund = {"order_id": name, "refund_id": "all", "refunded_minor": amount}
            self.hear("refunded", self.now, **refund)
        elif what < 0.9:
            consent = Consent(
                Purpose.PROFILING, what >= 0.83, "1", "a" * 64, "mini_program", self.now
            )
            record_consent(member_id, consent)
        elif what < 0.95:
            others = [one for one in self.members if one not in {*self.gone, member_id}]
            if others:
                other = self.luck.choice(others)
                merge_by_hand(member_id, other, "ann", "the same hand", self.now)
        else:
            erase_member(member_id, self.now)
            self.gone.add(member_id)

    def night(self) -> Night:
        as_of = self.now.date()
        before = labels()
        (report,) = segment_members(as_of)
        made = Night(as_of, before, labels(), measures(as_of), report)
        self.nights.append(made)
        return made

    def changes(self, first: int = -1) -> Iterator[tuple[Night, str, str, str]]:
        """Each label that differed from the night before, after the night of that number: night,
        member, before, after. Found by looking at everybody."""
        for at in range(first + 1, len(self.nights)):
            known = self.nights[at - 1].after if at else {}
            night = self.nights[at]
            for member_id, code in night.after.items():
                if known.get(member_id) != code:
                    yield night, member_id, known.get(member_id, NOWHERE), code


def moves(season: Season, first: int, last: int) -> Counter[tuple[str, str]]:
    """Members by code before their first change after one night and after their last by another."""
    begun: dict[str, str] = {}
    stands: dict[str, str] = {}
    for night, member_id, before, after in season.changes(first):
        if night.as_of <= season.nights[last].as_of:
            begun.setdefault(member_id, before)
            stands[member_id] = after
    return Counter((begun[one], code) for one, code in stands.items())


def labels(scheme: str = DEFAULT.name) -> dict[str, str]:
    """The codes of everybody whom the night counts."""
    found = {}
    for item in dump().values():
        if item["kind"]["S"] == "AGGREGATE" and not item.keys() & {"up", "gone", "out"}:
            code = LabelBook.unpack(item["lb"]["S"]).code(scheme)
            if code is not None:
                found[item["SK"]["S"]] = code
    return found


def measures(as_of: date) -> dict[str, Measure]:
    known = figures.get_many(set(labels()))
    return {
        member_id: measure_of(line[0].figures, line[0].joined_day, DEFAULT, as_of)
        for member_id, line in known.items()
    }
