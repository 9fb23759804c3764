"""The whole history of a world once more, in calm weather, each thing once: the same ledger.

Messages, visits, versions of the rules, merges, decisions, nights and what tills took are played in
the order in which they were recorded, and what follows from them is followed, each thing once,
before anybody decides anything.

Caps let through what comes first, and which credit comes first is the stream's matter. So a world
in which one has held something back is played `exactly`: what followed is not left to the stream,
but is done in the order in which it was done then, one commit after the other. In such a world
nobody comes between the reads and the write of who settles or decides (`actions`), for what they
have read is not on record.

A credit may have been granted more than it is worth, while less was known of its order. And the
same amounts may have been posted in other steps: so entries are compared as sums for each order and
account.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from infra.local.invoke import Context, failed_ids, load_handler
from siyu.domain.programmes import Programme
from siyu.errors import SiyuError
from siyu.services.attach_orders import attach
from siyu.services.credit_referral import following, settle
from siyu.services.sign_up import Scan, sign_up
from siyu.storage import credit_items, programmes
from tests.simulation.books import SALE, Books, require
from tests.simulation.commits import Commits
from tests.simulation.desk import Desk
from tests.simulation.faults import Line, Weather
from tests.simulation.ground import WORKERS, Ground
from tests.simulation.history import Record
from tests.simulation.owed import owed
from tests.simulation.stream import FOLLOWERS, Stream, sequence
from tests.simulation.table import Table

Item = dict[str, Any]
RECORDED, FOLLOWED, TOGETHER = ("message", "visit", "publish"), ("attach", "settle"), 10
ABOUT = ("referrer_id", "referee_id", "programme")


class Replay:
    """An empty table, and the history on it."""

    def __init__(self, ground: Ground, line: Line, published: Iterable[Programme]) -> None:
        ground.clear(random.Random(0))
        self.table, self.commits = Table(), Commits()
        self._ground, self._line = ground, line
        self._stream = Stream(random.Random(0))
        self._desk = Desk(random.Random(0), Books(self.table))
        line.begin(Weather(), random.Random(0), lambda: None, self.commits)
        line.calm = True
        for programme in published:
            programmes.append(programmes.load(), programme)

    def play_exactly(self, records: Iterable[Record]) -> None:
        """Each record in its turn; nothing else is followed."""
        for record in records:
            name, *about = record.deed
            if name == "attach":
                attach(*about)
            elif name == "settle":
                self._settle(*about)
            else:
                self._do(record)
        self._ground.next_id = None
        self.table.look(self._line.touched())

    def _settle(self, names: Iterable[str], now: datetime) -> None:
        """What a sale takes over goes with it."""
        for key in sorted(names, key=lambda name: not name.startswith(SALE)):
            order, credit = credit_items.look_up([key])[key]
            require(order, "what was settled is there", key)
            if order is not None:
                buyers = {order.member_id} if order.member_id else set()
                settle(key, order, credit, following(buyers), now)

    def play(self, records: Iterable[Record]) -> None:
        """What is only recorded is followed together; who decides waits until it is."""
        waiting: list[Record] = []
        records = [one for one in records if one.deed[0] not in FOLLOWED]
        for record in records:
            decides = record.deed[0] not in RECORDED
            later = waiting and waiting[0].at.date() != record.at.date()
            if decides or later or len(waiting) == TOGETHER:
                self._follow(waiting)
            self._do(record)
            waiting.append(record)
            if decides:
                self._follow(waiting)
        self._follow(waiting)
        self._ground.next_id = None

    def _do(self, record: Record) -> None:
        self._ground.next_id = record.joined
        name, *about = record.deed
        if name == "message":
            event = {"Records": [about[0].record()]}
            WORKERS[0].lambda_handler(event, Context("order_worker", 60))
        elif name == "visit":
            self._visit(*about)
        else:
            self._desk.do(record.deed)

    def _visit(self, *about: Any) -> None:
        *scan, more = about
        try:
            sign_up(Scan(*scan, **more))
        except SiyuError:
            return  # as it was refused then

    def _follow(self, waiting: list[Record]) -> None:
        """Everything that follows from some records, until nothing does."""
        if not waiting:
            return
        at = waiting[0].at
        waiting.clear()
        self._stream.add(self.table.look(self._line.touched()), at)
        while len(self._stream):
            for handler in FOLLOWERS:
                batch = self._stream.pending[handler]
                if batch:
                    self._stream.pending[handler] = []
                    answer = load_handler(handler)({"Records": batch}, Context(handler, 60))
                    failed = failed_ids(answer, list(map(sequence, batch)))
                    require(not failed, "nothing fails in calm weather", handler, failed)
            self._stream.add(self.table.look(self._line.touched()), at)


def compare(books: Books, commits: Commits, replay: Replay) -> None:
    """The ledger of a world, and that of its replay."""
    for key in books.told:
        was, again = (one.get(f"O#{key}", "CREDIT") for one in (books.table, replay.table))
        _compare_credits(books, key, was or {}, again or {})
    stands = [{name: n for name, n in one.stands.items() if n} for one in (commits, replay.commits)]
    require(stands[0] == stands[1], "a replay ends with the same accounts", *_only(*stands))
    entries = [_entries(one) for one in (books.table, replay.table)]
    require(entries[0] == entries[1], "a replay posts the same sums", *_only(*entries))


def _compare_credits(books: Books, key: str, was: Item, again: Item) -> None:
    kept = [one.get("earned_minor", 0) - one.get("reversed_minor", 0) for one in (was, again)]
    require(kept[0] == kept[1], "a replay keeps the same", key, was, again)
    if [was.get(name) for name in ABOUT] != [again.get(name) for name in ABOUT]:
        # Worth nothing in the end, it may have been opened on the way there, or not.
        require(kept == [0, 0], "a replay credits the same", key, was, again)
        return
    wanted = owed(books, key)
    if wanted is None or not was:
        return
    said, told = (_verdict(one) for one in (was, again))
    require(said == told, "a replay decides the same", key, was, again)
    granted = {was["granted_minor"], again["granted_minor"]}
    # What is refused before it is released counts no more; afterwards it does.
    more = max(granted) > wanted.worth or said[2] == "block" or said[0] == "block"
    require(len(granted) == 1 or more, "a replay grants the same", key, was, again)
    states = {one["state"] for one in (was, again)}
    require(len(states) == 1, "a replay releases the same", key, was, again)


def _verdict(credit: Item) -> tuple[Any, ...]:
    verdict, reasons = credit.get("decision", ("approve", ()))
    return verdict, sorted(reasons), credit.get("ruling", {}).get("verdict")


def _entries(table: Table) -> dict[tuple[str, str], int]:
    """What entries move, by what they are about and account."""
    moved: Counter[tuple[str, str]] = Counter()
    for part in table.parts.values():
        for sk, entry in part.items():
            if sk.startswith("E#"):
                about = entry.get("order_key") or entry["hold_key"]
                moved[about, entry["debit"]] -= entry["amount_minor"]
                moved[about, entry["credit"]] += entry["amount_minor"]
    return {about: amount for about, amount in moved.items() if amount}


def _only(was: dict[Any, int], again: dict[Any, int]) -> tuple[list[Any], list[Any]]:
    return sorted(was.items() - again.items()), sorted(again.items() - was.items())
