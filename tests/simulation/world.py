"""One world from its first message to its last: step by step, checked after each."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from siyu.storage import programmes
from tests.simulation.actions import Actions
from tests.simulation.books import Books, Violation, require
from tests.simulation.clerk import AFTERWARDS
from tests.simulation.commits import Commits
from tests.simulation.desk import WHOLE, Desk
from tests.simulation.faults import Line, Weather
from tests.simulation.ground import Ground
from tests.simulation.invariants import Invariants
from tests.simulation.model import business_day
from tests.simulation.people import Visit
from tests.simulation.post import Post
from tests.simulation.queue import Queue
from tests.simulation.replay import Replay, compare
from tests.simulation.rules import Publication
from tests.simulation.shop import Shop
from tests.simulation.stream import Stream
from tests.simulation.table import Change, Table
from tests.simulation.verdict import judge
from tests.support import NOW

CREDITS = "referral_credit.handler.lambda_handler"
# A world takes about 150 steps; one whose worker fails for ever must end too.
MOST_STEPS = 3_000
# Every so manieth world is played again: an odd number, so that both processes have some.
REPLAYED = 5
# So many messages, or fewer, are left for better weather.
LEFT_OVER = 15
# The last nights of a world, in days after its beginning: everything is released; some of it is
# spent, and some turns out to be of a sale; some is held by a till when the rest of what ends comes
# to its end; then that ends, too.
RELEASED, ENDING, OVER = AFTERWARDS, 420, 422


@dataclass(frozen=True)
class Outcome:
    """What a world came to: messages delivered, steps made, a hash of everything that happened."""

    delivered: int
    steps: int
    digest: str
    entries: Counter[str]
    """How many entries of each kind there are in the end."""
    deeds: Counter[str]
    """How often who works on the programme did what."""


class WorldError(Exception):
    """An invariant was violated, at a step; `lines` are the last steps."""

    def __init__(self, world: int, step: int, violated: str, lines: list[str]) -> None:
        super().__init__(violated)
        self.world, self.step, self.violated, self.lines = world, step, violated, lines


class World:
    """Everything random in it comes from `seed` and `number`."""

    def __init__(self, seed: int, number: int, ground: Ground, line: Line) -> None:
        chance = random.Random(f"{seed}/{number}")
        self.number = number
        ground.clear(random.Random(f"{seed}/{number}/ids"))
        self._chance = chance
        shop = Shop(chance)
        self._crowd, self._script = shop.people, deque(shop.script())
        self._table, self._commits = Table(), Commits()
        self._books = Books(self._table)
        self._books.freed, self._books.said = self._commits.freed, self._commits.said
        self._books.let_go = self._commits.let_go
        self._invariants = Invariants(self._books, self._commits)
        self._post = Post(self._books)
        self._queue, self._stream = Queue(chance), Stream(chance)
        self._shop, self._ground = shop, ground
        self._replayed = number % REPLAYED == 0
        self._actions = Actions(
            chance, self._queue, self._stream, self._post, Desk(chance, self._books),
            messages=(*shop.letters, *shop.afterwards), exact=shop.capped,
            still=line.still if self._replayed else None,
        )  # fmt: skip
        self._line = line
        self._weather = Weather.of(chance)
        if self._replayed:
            # Who waits until all is followed would wait for ever.
            self._weather = replace(self._weather, killed=min(self._weather.killed, 20))
        line.begin(self._weather, chance, self._meanwhile, self._committed)
        line.calm = True
        for programme in shop.published:
            programmes.append(programmes.load(), programme)
        line.calm = False
        self._hash = hashlib.sha256()
        self._lines: deque[str] = deque(maxlen=20)
        self._step = 0

    def run(self) -> Outcome:
        """Raises WorldError when an invariant is violated, or a call raises what nothing caused."""
        try:
            while self._script or len(self._queue) > LEFT_OVER:
                self._send()
                self._actions.any(self._step)
                self._end_step()
            self._drain()
            require(not self._table.look(), "nothing is written that nobody saw")
            over = business_day(NOW + timedelta(days=OVER))
            judge(self._books, self._crowd, self._actions.door.claimed, over)
            if self._replayed:
                self._play_again()
        except (Violation, Exception) as error:
            lines = [f"{self._weather}", *self._lines, self._line_of_step()]
            violated = str(error) if isinstance(error, Violation) else repr(error)
            raise WorldError(self.number, self._step, violated, lines) from error
        finally:
            self._line.calm = True
        return Outcome(
            self._queue.delivered, self._step, self._hash.hexdigest(), self._commits.spent.kinds,
            self._actions.desk.done + self._commits.spent.joined,
        )  # fmt: skip

    def _committed(self, body: dict[str, Any]) -> None:
        self._commits(body)
        self._actions.history(body)

    def _play_again(self) -> None:
        replay = Replay(self._ground, self._line, self._shop.published)
        records = self._actions.history.records
        if not self._commits.limited:
            replay.play(records)
        if self._commits.limited or replay.commits.limited:
            replay = Replay(self._ground, self._line, self._shop.published)
            replay.play_exactly(records)
        compare(self._books, self._commits, replay)

    def _send(self) -> None:
        """Some of the script: messages reach the queue, people reach the door."""
        for _ in range(min(len(self._script), self._chance.choice((0, 4, 8, 12)))):
            hours, one = self._script.popleft()
            self._actions.now = NOW + timedelta(hours=hours)
            if isinstance(one, Visit):
                self._actions.door.visits.append(one)
            elif isinstance(one, Publication):
                self._actions.desk.again.append(("publish", one, self._actions.now))
            else:
                self._queue.send(one)

    def _meanwhile(self) -> None:
        """What another process does while one has read and not yet written."""
        for _ in range(self._chance.choice((1, 1, 4))):
            self._actions.any(self._step, nested=True)
            self._look()

    def _drain(self) -> None:
        """The weather clears up; everything is delivered, followed and released."""
        self._line.calm = True
        self._deliver_all()
        self._late_night(RELEASED)
        for number, day in enumerate(sorted(self._chance.choices(range(RELEASED, ENDING), k=4))):
            self._actions.spend(NOW + timedelta(days=day))
            self._follow_all()
            if number == 1:
                self._tell_afterwards()
        for _ in range(2):
            self._actions.spend(NOW + timedelta(days=ENDING), hold=True)
            self._follow_all()
        for day in (ENDING, OVER):
            self._late_night(day)
        for _ in range(2):
            self._actions.think_again()
            self._follow_all()
        self._post.close()

    def _tell_afterwards(self) -> None:
        """Some orders turn out to tell of a sale; about some of them somebody has decided."""
        for _ in range(self._chance.choice((0, 4)) if self._shop.joining else 0):
            self._actions.think_again(self._shop.joining)
            self._follow_all()
        for message in self._shop.afterwards:
            self._queue.send(message)
        self._deliver_all()

    def _deliver_all(self) -> None:
        self._queue.hurry()
        while self._unfinished:
            self._actions.any(self._step)
            self._queue.hurry()
            self._end_step()

    def _late_night(self, days: int) -> None:
        self._actions.now = NOW + timedelta(days=days)
        self._actions.night(WHOLE, days)
        self._follow_all()

    def _follow_all(self) -> None:
        self._end_step()
        while len(self._stream):
            self._actions.follow()
            self._end_step()

    @property
    def _unfinished(self) -> bool:
        followed = len(self._queue) + len(self._stream)
        return bool(followed or self._actions.door.visits or self._actions.desk.again)

    def _end_step(self) -> None:
        """Check, and note what was done."""
        self._look()
        line = self._line_of_step()
        self._lines.append(line)
        self._hash.update(line.encode())
        self._actions.log.clear()
        self._commits.spent.begin()
        self._step += 1
        require(self._step < MOST_STEPS, "everything is delivered in the end")

    def _line_of_step(self) -> str:
        return f"{self._step}: {'; '.join(self._actions.log)}"

    def _look(self) -> None:
        """Look at what was written, if anything was; tell the stream, check."""
        touched = self._line.touched()
        changes = self._table.look(touched) if touched or not self._table.raw else []
        for change in changes:
            self._hash.update(_said(change).encode())
        self._stream.add(changes, self._actions.now)
        self._invariants.released_on = self._actions.released_on
        awaited = self._stream.awaits(CREDITS)
        # Until it is done, a note on a person has not reached all of their credits.
        half_done = any(deed[0] == "standing" for deed in self._actions.desk.unfinished)
        awaited = replace(awaited, persons=awaited.persons or half_done)
        self._invariants.check(changes, awaited)
        orders = {change.key[0][2:] for change in changes if change.key[0][:2] == "O#"}
        self._post.check(sorted(orders))


def _said(change: Change) -> str:
    """A change without what cannot be the same twice: how a message in quarantine is sealed."""
    item: dict[str, Any] = change.new or {}
    if item.get("kind") == {"S": "QUARANTINE"}:
        return json.dumps([item["source"], item["reason"]])
    sets = {name: {"SS": sorted(value["SS"])} for name, value in item.items() if "SS" in value}
    return json.dumps([change.key, {**item, **sets}], sort_keys=True)
