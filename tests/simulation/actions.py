"""What can happen in a step: a batch for the worker, changes followed, a visit, a release night."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from infra.local.invoke import Context, failed_ids, load_handler
from siyu.errors import AlreadyClaimedError, ContentionError
from siyu.services.sign_up import Scan, SignedUp, sign_up
from tests.faults import KilledError
from tests.simulation.books import require
from tests.simulation.ground import DOOR, WORKERS
from tests.simulation.people import Visit
from tests.simulation.post import Post
from tests.simulation.queue import Queue
from tests.simulation.stream import FOLLOWERS, Stream, sequence
from tests.support import NOW

RELEASE = "referral_release.handler.lambda_handler"
# What the line does to a caller; anything else that comes out of a call is a mistake.
ACCIDENTS = (KilledError, BotoCoreError, ClientError, PynamoDBException, ContentionError)


class Actions:
    """Calls of the real handlers, and what they answered."""

    def __init__(self, chance: random.Random, queue: Queue, stream: Stream, post: Post) -> None:
        self._chance = chance
        self._queue, self._stream, self._post = queue, stream, post
        self._nested = False
        self._step = 0
        self._referral: dict[str, str] = {}
        self.log: list[str] = []
        self.visits: list[Visit] = []
        self.claimed: dict[str, str] = {}
        self.now = NOW
        self.released_on: date | None = None

    def any(self, step: int, *, nested: bool = False) -> None:
        """One of them, at random; `nested` while another one is under way."""
        self._step, self._nested = step, nested
        choices: dict[Callable[[], None], int] = {
            self._work: 6 * self._queue.ready(step),
            self.follow: 20 * bool(len(self._stream)),
            self._visit: 15 * len(self.visits),
            self._night: 1,
        }
        (chosen,) = self._chance.choices(list(choices), list(choices.values()))
        chosen()
        self._nested = False

    def _note(self, line: str) -> None:
        self.log.append(f"meanwhile {line}" if self._nested else line)

    def _work(self) -> None:
        batch = self._queue.take(self._step)
        self._post.delivered(batch)
        names = [f"m{message.number}" for message in batch]
        # A process does one thing at a time: what happens meanwhile happens in a second one.
        handler = WORKERS[self._nested].lambda_handler
        event = {"Records": [message.record() for message in batch]}
        failed = self._call("order_worker", handler, event, names)
        done = self._queue.settle(batch, failed, self._step)
        self._post.acknowledged(done)

    def _call(self, name: str, handler: Any, event: dict[str, Any], known: list[str]) -> set[str]:
        """The ids to deliver again: those that the answer names, all of them after an accident."""
        place = len(self.log)
        try:
            failed = failed_ids(handler(event, Context(name, 60)), known)
        except ACCIDENTS as accident:
            failed, said = None, type(accident).__name__
        else:
            said = "done" if not failed else f"again {sorted(failed)}"
        self.log.insert(place, f"{'meanwhile ' * self._nested}{name} {' '.join(known)} -> {said}")
        return set(known) if failed is None else failed

    def follow(self) -> None:
        """Tell one function of some changes; there must be some."""
        pending = [handler for handler in FOLLOWERS if self._stream.pending[handler]]
        handler = self._chance.choice(pending)
        batch = self._stream.take(handler)
        names = [sequence(record) for record in batch]
        name = handler.partition(".")[0]
        failed = self._call(name, load_handler(handler), {"Records": batch}, names)
        self._stream.settle(handler, batch, failed)

    def _night(self) -> None:
        self.release(self._chance.randint(0, 20))

    def release(self, days: int) -> None:
        due = NOW + timedelta(days=days)
        day = (due + timedelta(hours=8)).date()
        self.released_on = max(day, self.released_on or day)
        event = {"scheduled_for": due.isoformat()}
        try:
            said = str(load_handler(RELEASE)(event, Context("referral_release", 60))["released"])
        except ACCIDENTS as accident:
            said = type(accident).__name__
        self._note(f"referral_release {day} -> {said}")

    def _visit(self) -> None:
        visit = self.visits.pop(0)
        try:
            said = self._scanned(visit, self._scan(visit))
        except AlreadyClaimedError:
            require(visit.stranger, "a paper is refused to strangers only", visit)
            said = "refused"
        except ACCIDENTS as accident:
            self.visits.append(visit)
            said = type(accident).__name__
        self._note(f"{visit.person.name} scans {visit.token or 'the door'} -> {said}")

    def _scan(self, visit: Visit) -> SignedUp:
        referral = self._referral.get(visit.person.referrer or "")
        at: datetime = self.now
        return sign_up(Scan(visit.token or DOOR, referral, visit.person.login, at))

    def _scanned(self, visit: Visit, outcome: SignedUp) -> str:
        require(not visit.stranger, "a claimed paper is refused to strangers", visit)
        name = visit.person.name
        self._referral[name] = outcome.referral_code
        if visit.token:
            self.claimed[visit.token[1:14]] = name
            if self._chance.random() < 0.2 and self._strangers:
                stranger = self._chance.choice(self._strangers)
                if stranger.person is not visit.person:
                    self.visits.append(Visit(stranger.person, visit.token, stranger=True))
        return f"{outcome.member_id} {outcome.claim} {outcome.referral}"

    @property
    def _strangers(self) -> list[Visit]:
        return [visit for visit in self.visits if not visit.stranger]
