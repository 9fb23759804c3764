"""Who else works on the programme: operators, tills that take credit, and the night."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from infra.local.invoke import Context
from siyu.domain.holds import ShownCode, Wish
from siyu.domain.vetting import Verdict
from siyu.errors import CreditRefusedError, NotFoundError, NothingToDecideError
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.referrer_standing import set_standing
from siyu.services.review_credits import decide_credit
from siyu.services.spend_credit import capture_hold, hold_credit, void_hold
from siyu.storage import programmes
from tests.simulation.books import Books
from tests.simulation.ground import STORE
from tests.simulation.rules import NOTICE, Publication
from tests.support import NOW

night: Any = importlib.import_module("referral_release.handler")
REFUSED = (CreditRefusedError, NotFoundError, NothingToDecideError)
# Who decides looks at what was bought, not at what a clock says will be.
LATER = timedelta(days=5)
Deed = tuple[Any, ...]
WHOLE, RELEASE = "all", "CreditReleased"


class Desk:
    """`do` does one deed; the same again, calm or not, must do no harm."""

    def __init__(self, chance: random.Random, books: Books) -> None:
        self._chance, self._books = chance, books
        self._number = 0
        self._holds: list[tuple[str, int]] = []
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
        credits_ = self._credits()
        merged = [one for one in members if self._books.society.accounts[one].get("up")]
        return {
            lambda: self.again.pop(0): 5 * len(self.again),
            lambda: self._merge(members, now): int(len(members) > 1 and len(merged) < 3),
            lambda: ("undo", self._chance.choice(merged), now): len(merged),
            lambda: self._decision(credits_, now): min(4, len(credits_)),
            lambda: self._note(members, now): int(bool(members)),
            lambda: self._spend(members, now): 2 * bool(members),
        }

    def _credits(self) -> list[dict[str, Any]]:
        """Those in doubt, or decided once: somebody may think again."""
        doubtful = []
        for part in self._books.table.parts.values():
            credit = part.get("CREDIT")
            if credit and ("decision" in credit or "ruling" in credit):
                doubtful.append(credit)
        return doubtful

    def _merge(self, members: list[str], now: datetime) -> Deed:
        """Any two, or a friend and who brought them."""
        one, other = self._chance.sample(members, 2)
        binding = self._books.society.binding(one)
        if binding is not None and self._chance.random() < 0.4:
            other = binding["referrer_id"]
        return "merge", one, other, now

    def _decision(self, credits_: list[dict[str, Any]], now: datetime) -> Deed:
        key = self._chance.choice(credits_)["order_key"]
        verdict = self._chance.choice((Verdict.APPROVE, Verdict.BLOCK))
        fraud = verdict is Verdict.BLOCK and self._chance.random() < 0.5
        return "decide", key, verdict, fraud, now + LATER

    def _note(self, members: list[str], now: datetime) -> Deed:
        member, value = self._chance.choice(members), self._chance.random() < 0.5
        name = self._chance.choice(("staff", "suspended"))
        return "standing", member, name, value, now

    def _spend(self, members: list[str], now: datetime) -> Deed:
        """A till holds some of what somebody has, or goes on with a hold, perhaps again."""
        chance = self._chance
        if self._holds and chance.random() < 0.5:
            hold_id, amount = chance.choice(self._holds)
            if chance.random() < 0.6:
                return "capture", hold_id, chance.choice((amount, amount, amount // 2)), now
            return "void", hold_id, now
        has = {one: self._released(one) for one in members}
        rich = [one for one in members if has[one] > 0]
        member = chance.choice(rich if rich and chance.random() < 0.9 else members)
        most = max(has[member], 1)
        amount = chance.choice((most, most, (most + 1) // 2, most + 1))
        self._number += 1
        self._holds.append((f"h{self._number}", amount))
        return "hold", member, f"h{self._number}", amount, now

    def _released(self, member: str) -> int:
        """What the person behind an account may spend."""
        shards = [
            self._books.table.get(f"L#{one}#{number}", "BALANCE") or {}
            for one in self._books.society.person(member)
            for number in range(4)
        ]
        return sum(shard.get("released_minor", 0) for shard in shards)

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
        return merge_members(one, other, "console", "operator", now) is not None

    def do_undo(self, absorbed: str, now: datetime) -> str:
        return undo_merge(absorbed, "operator", "a mistake", now)

    def do_decide(self, key: str, verdict: Verdict, fraud: bool, now: datetime) -> str:
        decide_credit(key, verdict, "operator", now, fraud=fraud)
        return verdict.value

    def do_standing(self, member: str, name: str, value: bool, now: datetime) -> int:
        return set_standing(member, now, **{name: value}).posted

    def do_hold(self, member: str, hold_id: str, amount: int, now: datetime) -> str:
        code = ShownCode(member, hold_id, now)
        return hold_credit(Wish(STORE, hold_id, code, amount, amount), now).state

    def do_capture(self, hold_id: str, amount: int, now: datetime) -> str:
        return capture_hold(STORE, hold_id, amount, now).state

    def do_void(self, hold_id: str, now: datetime) -> str:
        return void_hold(STORE, hold_id, now).state

    def do_publish(self, publication: Publication, now: datetime) -> str:
        """Once, and never too late."""
        programme = publication.programme
        known = programmes.load()
        if programme.effective_from - now < NOTICE:
            return "too late"
        if programme not in known.published:
            programmes.append(known, programme)
        return programme.version

    def do_night(self, job: str, days: int) -> Any:
        """The night so many days after the beginning, or one of its jobs."""
        now = NOW + timedelta(days=days)
        if job == WHOLE:
            event = {"scheduled_for": now.isoformat()}
            return night.lambda_handler(event, Context("referral_release", 60))
        return night.JOBS[job]((now + timedelta(hours=8)).date(), now)
