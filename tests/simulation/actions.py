"""What can happen in a step: a batch for the worker, changes followed, a visit, a night, a deed."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta
from typing import Any

from infra.local.invoke import Context, failed_ids, load_handler
from tests.simulation.desk import RELEASE, WHOLE, Desk, night
from tests.simulation.door import Door
from tests.simulation.faults import ACCIDENTS
from tests.simulation.ground import WORKERS
from tests.simulation.history import History
from tests.simulation.letters import Message
from tests.simulation.post import Post
from tests.simulation.queue import Queue
from tests.simulation.stream import FOLLOWERS, Stream, sequence
from tests.simulation.till import Deed
from tests.support import NOW

Still = Callable[[], AbstractContextManager[None]]
# Deeds that go on where they were cut short, if they are repeated.
REPEATED = ("standing", "decide", "publish")
# Enough for what is released in the first of them to come to its end in the last.
NIGHTS = 30


class Actions:
    """Calls of the real handlers, and what they answered."""

    def __init__(
        self, chance: random.Random, queue: Queue, stream: Stream, post: Post, desk: Desk, *,
        messages: Iterable[Message], still: Still | None, exact: bool,
    ) -> None:  # fmt: skip
        """With `still`, operators and nights wait until all is followed, and no night is cut short:
        then what they do depends on what was recorded, and on nothing else. An `exact` world is
        then one of which all commits can be played again: nobody comes between who settles, signs
        up or decides."""
        self._chance, self._careful = chance, still is not None
        self._still = still or nullcontext
        self._exact = exact and self._careful
        self._queue, self._stream, self._post, self.desk = queue, stream, post, desk
        self.history = History(messages, lambda: self.now)
        self.door = Door(chance, self.history, desk)
        self._nested = self._resting = self._following = False
        self._step = 0
        self.log: list[str] = []
        self.now = NOW
        self.released_on: date | None = None

    def any(self, step: int, *, nested: bool = False) -> None:
        """One of them, at random; `nested` while another one is under way."""
        if nested and self._exact and self._following:
            return
        self._step, self._nested = step, nested
        choices: dict[Callable[[], None], int] = {
            self._work: 12 * self._queue.ready(step),
            # Who counts something meets others who do.
            self.follow: 40 * bool(len(self._stream)) * (5 if self._following else 1),
            # Two friends of one referrer who join in one moment would be counted by their ids.
            self._visit: 100 * len(self.door.visits) * (not self.door.busy),
            self._deed: 2 + 50 * len(self.desk.again),
            self._spend: 2 * self.desk.may_spend(self._known),
            self._night: 2,
        }
        if self._careful and not nested:
            choices = self._one_after_the_other(choices)
        elif self._careful:
            for theirs in (self._deed, self._spend, self._night):
                del choices[theirs]
        if any(choices.values()):
            (chosen,) = self._chance.choices(list(choices), list(choices.values()))
            chosen()
        self._nested = False

    def _one_after_the_other(
        self, choices: dict[Callable[[], None], int]
    ) -> dict[Callable[[], None], int]:
        """Deeds and nights only when nothing is left to follow; for that others rest."""
        theirs = {name: choices.pop(name) for name in (self._deed, self._spend, self._night)}
        if not self._resting:
            return {**choices, self._rest: 4 + sum(theirs.values())}
        if len(self._stream):
            return {self.follow: 1}
        self._resting = False
        return theirs

    def _rest(self) -> None:
        self._resting = True

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
            with self.history.of(None):
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
        self._following = True
        try:
            failed = self._call(name, load_handler(handler), {"Records": batch}, names)
        finally:
            self._following = False
        self._stream.settle(handler, batch, failed)

    def _night(self) -> None:
        self.night(self._chance.choice((WHOLE, *night.JOBS)), self._chance.randint(0, NIGHTS))

    def night(self, job: str, days: int) -> None:
        """A night so many days after the beginning, or one of its jobs."""
        if job in (WHOLE, RELEASE):
            self._released(NOW + timedelta(days=days))
        self._do(("night", job, days))

    def _released(self, at: datetime) -> None:
        day = (at + timedelta(hours=8)).date()
        self.released_on = max(day, self.released_on or day)

    @property
    def _known(self) -> list[str]:
        return [one for one in self.door.members.values() if one in self.desk.known]

    def _spend(self) -> None:
        if known := self._known:
            self._do(self.desk.spend(known, self.now))

    def spend(self, at: datetime, *, hold: bool = False) -> None:
        """A till takes some credit, or gives it back, at an instant; the world goes on from it.
        With `hold` it is a hold, if anybody has anything."""
        self.now = at
        if hold and self.desk.may_spend(self._known):
            self._do(self.desk.hold(self._known, at))
        elif not hold:
            self._spend()

    def think_again(self, about: Collection[str] = ()) -> None:
        """Somebody decides about some credit at last, if there is any."""
        if deed := self.desk.second_thoughts(self.now, about):
            self._decided(deed)

    def _deed(self) -> None:
        wishes = self.desk.wishes(self._known, self.now)
        if not any(wishes.values()):
            return
        (chosen,) = self._chance.choices(list(wishes), list(wishes.values()))
        deed = chosen()
        if deed[0] == "publish":
            deed = (*deed[:2], self.now)
        self._decided(deed)

    def _decided(self, deed: Deed) -> None:
        if deed[0] == "decide":
            self._released(deed[-1])
        self._do(deed)

    def _do(self, deed: Deed) -> None:
        place, still = len(self.log), self._exact or deed[0] == "night"
        try:
            with self._alone(still=still), self.history.of(deed), self.desk.busy_with(deed):
                said = self.desk.do(deed)
        except ExceptionGroup as group:
            said = type(group).__name__
            if group.split(lambda one: isinstance(one, ACCIDENTS))[1] is not None:
                raise
        except ACCIDENTS as accident:
            said = type(accident).__name__
            if deed[0] in REPEATED:
                self.desk.again.append(deed)
        self.log.insert(place, f"{'meanwhile ' * self._nested}{' '.join(map(str, deed))} -> {said}")

    def _alone(self, *, still: bool) -> AbstractContextManager[None]:
        return self._still() if still else nullcontext()

    def _visit(self) -> None:
        with self._alone(still=self._exact):
            self._note(self.door.visit(self.now))
