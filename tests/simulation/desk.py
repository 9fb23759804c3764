"""Who else works on the programme: operators and the night, and tills that take credit."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from infra.local.invoke import Context
from siyu.domain.vetting import Verdict
from siyu.errors import CreditRefusedError, NotFoundError, NothingToDecideError
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.publish_programme import Draft, publish
from siyu.services.referrer_standing import set_standing
from siyu.services.review_credits import decide_credit
from tests.simulation.books import SALE, Books, require
from tests.simulation.rules import NOTICE, Publication
from tests.simulation.till import Deed, Till
from tests.support import NOW

night: Any = importlib.import_module("referral_release.handler")
REFUSED = (CreditRefusedError, NotFoundError, NothingToDecideError)
# Who decides looks at what was bought, not at what a clock says will be.
LATER = timedelta(days=5)
WHOLE, RELEASE = "all", "CreditReleased"


class Desk(Till):
    """`do` does one deed; the same again, calm or not, must do no harm."""

    def __init__(self, chance: random.Random, books: Books) -> None:
        super().__init__(chance, books)
        self.again: list[Deed] = []
        """What was cut short and is to be repeated."""
        self._under_way: list[Deed] = []
        self._once: set[frozenset[str]] = set()

    @property
    def unfinished(self) -> list[Deed]:
        """What is under way, or was cut short: others see the half of it."""
        return [*self._under_way, *self.again]

    @contextmanager
    def busy_with(self, deed: Deed) -> Iterator[None]:
        """While a deed is done; other processes may come in between."""
        self._under_way.append(deed)
        try:
            yield
        finally:
            self._under_way.remove(deed)

    @property
    def known(self) -> Mapping[str, Any]:
        """The accounts at the last look."""
        return self._books.society.accounts

    def merged_once(self, one: str, other: str) -> bool:
        """Whether two accounts are, or were after some merge, one person's."""
        return any({one, other} <= person for person in self._once)

    def wishes(self, members: list[str], now: datetime) -> dict[Callable[[], Deed], int]:
        """What somebody may want to do now, by how often they do."""
        credits_ = self.credits
        merged = [one for one in members if self._books.society.accounts[one].get("up")]
        return {
            lambda: self.again.pop(0): 20 * len(self.again),
            lambda: self._merge(members, now): int(len(members) > 1 and len(merged) < 3),
            lambda: ("undo", self._chance.choice(merged), now): len(merged),
            lambda: self._decision(credits_, now): min(4, len(credits_)),
            lambda: self._note(members, now): 2 * bool(members),
            lambda: self.spend(members, now): 2 * bool(members),
        }

    @property
    def credits(self) -> list[dict[str, Any]]:
        """Those in doubt, or decided once: somebody may think again. At times any: somebody saw
        what no rule sees."""
        found = self._all_credits()
        if self._chance.random() < 0.2:
            return found
        return [one for one in found if "decision" in one or "ruling" in one]

    def _all_credits(self) -> list[dict[str, Any]]:
        return [part["CREDIT"] for part in self._books.table.parts.values() if "CREDIT" in part]

    def second_thoughts(self, now: datetime, about: Collection[str] = ()) -> Deed | None:
        """A late decision: rather about one of some orders, or about what has come to its end, if
        there is anything."""
        found = self._all_credits()
        asked = [one for one in found if one["order_key"] in about]
        over = [one for one in found if one.get("expired_minor")]
        return self._decision(asked or over or found, now) if found else None

    def _merge(self, members: list[str], now: datetime) -> Deed:
        """Any two, or a friend and who brought them."""
        one, other = self._chance.sample(members, 2)
        binding = self._books.society.binding(one)
        if binding is not None and self._chance.random() < 0.4:
            other = binding["referrer_id"]
        return "merge", one, other, now

    def _decision(self, credits_: list[dict[str, Any]], now: datetime) -> Deed:
        """About a credit, asked for by its key or by that of an order that tells of its sale."""
        chance, key = self._chance, self._chance.choice(credits_)["order_key"]
        key = chance.choice(sorted(self._books.tellers(key)) if chance.random() < 0.2 else [key])
        verdict = chance.choice((Verdict.APPROVE, Verdict.BLOCK))
        fraud = verdict is Verdict.BLOCK and chance.random() < 0.5
        note = chance.choice(("", "seen with the goods"))
        return "decide", key, verdict, fraud, note, now + LATER

    def _note(self, members: list[str], now: datetime) -> Deed:
        """Something is noted about somebody, or lifted from whom it is noted about."""
        name = self._chance.choice(("staff", "suspended"))
        about = {"staff": "staff_since", "suspended": "suspended_at"}[name]
        noted = [one for one in members if self._books.society.noted_now(one, about)]
        if noted and self._chance.random() < 0.5:
            return "standing", self._chance.choice(noted), name, False, now
        member, value = self._chance.choice(members), self._chance.random() < 0.8
        return "standing", member, name, value, now

    def do(self, deed: Deed) -> str:
        """What came of it. Whatever else it raises is an accident."""
        name, *about = deed
        try:
            return str(getattr(self, f"do_{name}")(*about))
        except REFUSED as refused:
            return type(refused).__name__

    def do_merge(self, one: str, other: str, now: datetime) -> bool:
        society = self._books.society
        self._once.add(society.person(one) | society.person(other))
        self.done["merge"] += 1
        return merge_members(one, other, "console", "operator", now) is not None

    def do_undo(self, absorbed: str, now: datetime) -> str:
        return undo_merge(absorbed, "operator", "a mistake", now)

    def do_decide(
        self, key: str, verdict: Verdict, fraud: bool, note: str, now: datetime
    ) -> str:  # fmt: skip
        """It lands where what the order tells of has its credit."""
        told = self._books.told.get(key)
        lands = {key, SALE + told.payment_id} if told and told.payment_id else {key}
        credits_ = [self._books.table.get(f"O#{one}", "CREDIT") or {} for one in sorted(lands)]
        landed = decide_credit(key, verdict, "operator", now, note, fraud=fraud)
        require(
            told is None or landed in lands, "a decision is about what was asked for", key, landed
        )
        unseen = not any("decision" in one or "ruling" in one for one in credits_)
        self.done[f"{verdict.value}{' of what no rule doubts' * unseen}"] += 1
        return f"{verdict.value} {landed}"

    def do_standing(self, member: str, name: str, value: bool, now: datetime) -> int:
        posted = set_standing(member, now, **{name: value}).posted
        about = {"staff": "staff_since", "suspended": "suspended_at"}[name]
        noted = self._books.society.noted_now(member, about)
        self.done[f"{name} {'noted' if value else 'lifted' if noted else 'not so'}"] += 1
        return posted

    def do_publish(self, publication: Publication, now: datetime) -> str:
        """Once, and never too late."""
        programme = publication.programme
        if programme.effective_from - now < NOTICE:
            return "too late"
        publish(Draft(programme, programme.effective_from), "operator", now)
        self.done["publish"] += 1
        return programme.version

    def do_night(self, job: str, days: int) -> Any:
        """The night so many days after the beginning, or one of its jobs."""
        now = NOW + timedelta(days=days)
        if job == WHOLE:
            event = {"scheduled_for": now.isoformat()}
            return night.lambda_handler(event, Context("referral_release", 60))
        return night.JOBS[job]((now + timedelta(hours=8)).date(), now)
