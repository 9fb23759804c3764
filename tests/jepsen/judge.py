"""Is there one order of the transfers that explains every answer of the `transfer` workload?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from siyu.domain.ledger import Entry
from tests.jepsen.history import FAIL, NEVER, OK, History, Op
from tests.jepsen.subsets import Chosen, TooManyError, Vector, explain, plus
from tests.jepsen.transfers import transfer_of
from tests.jepsen.views import (
    ENTRIES,
    FINAL,
    READS,
    TRANSFER,
    Places,
    entries_in,
    in_all,
    listed,
    moves_of,
    one_by_content,
    parts_of,
    whole,
)


@dataclass
class Verdict:
    """`errors` is empty when all is well; `unjudged` counts reads that nobody could explain because
    too much may or may not have happened before them."""

    errors: list[str] = field(default_factory=list)
    judged: int = 0
    unjudged: int = 0


@dataclass(frozen=True)
class View:
    """Which transfers a read saw at some items, of those that touch them."""

    read: Op
    places: Places
    transfers: Chosen


class Judge:
    """Knows a history, and from its last read what took effect in the end."""

    def __init__(self, history: History) -> None:
        self.verdict = Verdict()
        self._failed = list(history.of(TRANSFER, outcome=FAIL))
        self._transfers = {op.number: op for op in one_by_content(history.of(TRANSFER))}
        self._reads = sorted(history.of(*READS, outcome=OK), key=lambda op: op.ended)
        self._moves = {number: moves_of(op) for number, op in self._transfers.items()}
        (final,) = history.of(FINAL, outcome=OK)
        self._stands = set(final.answer["entries"])
        if len(self._stands) != len(final.answer["entries"]):
            self._wrong("an entry stands twice")
        self._applied = self._judge_entries(self._stands)
        self._touching = defaultdict[str, set[int]](set)
        for number in self._applied:
            for place in self._moves[number]:
                self._touching[place].add(number)
        # From when on everybody must see a transfer: acknowledged, or seen by somebody.
        self._sure = {number: self._transfers[number].ended for number in self._applied}

    def judge(self) -> Verdict:
        self._judge_guards()
        views: list[View] = []
        for read in self._reads:
            mine = list(self._listed(read) if read.kind == ENTRIES else self._explained(read))
            views += mine
            for number in frozenset[int]().union(*(view.transfers for view in mine)):
                self._sure[number] = min(self._sure.get(number, NEVER), read.ended)
        self._judge_items(views)
        self._judge_moments(views)
        return self.verdict

    def _wrong(self, text: str) -> None:
        self.verdict.errors.append(text)

    def _judge_entries(self, stands: set[Entry]) -> Chosen:
        """Nothing lost, nothing invented, nothing torn, nothing that failed; what took effect.

        Two captures of a hold may share an entry, what they both give back: one of them stands.
        """
        applied = {n for n, op in self._transfers.items() if entries_in(op) <= stands}
        claimed = {one for number in applied for one in entries_in(self._transfers[number])}
        for number in self._transfers.keys() - applied:
            op = self._transfers[number]
            if entries_in(op) & (stands - claimed):
                self._wrong(f"transfer {number} is torn")
            elif op.outcome == OK:
                self._wrong(f"transfer {number} was acknowledged and is lost")
        for op in self._failed:
            if entries_in(op) <= stands:
                self._wrong(f"transfer {op.number} failed and stands all the same")
        tried = {one for op in self._transfers.values() for one in entries_in(op)}
        for entry in stands - tried:
            self._wrong(f"entry {entry.entry_id} was posted by nobody")
        return frozenset(applied)

    def _judge_guards(self) -> None:
        """One transfer for each version of an item; who failed was beaten by somebody."""
        winners = defaultdict[str, list[Op]](list)
        for number in self._applied:
            winners[transfer_of(self._transfers[number]).guard].append(self._transfers[number])
        for guard, ops in winners.items():
            if len(ops) > 1:
                self._wrong(f"{guard} was written by transfers {[op.number for op in ops]}")
        for op in self._failed:
            rivals = winners[transfer_of(op).guard]
            if not any(one.invoked < op.ended for one in rivals):
                self._wrong(f"transfer {op.number} failed for no reason")

    def _listed(self, read: Op) -> Iterator[View]:
        """A reader of entries says itself what it saw."""
        for entry in set(read.answer) - self._stands:
            self._wrong(f"read {read.number} saw entry {entry.entry_id}, which is gone")
        for places, saw in listed(read, (self._transfers[n] for n in self._applied)):
            touching = self._touching[min(places)]
            for number in {n for n in touching if self._sure[n] < read.invoked} - saw:
                self._wrong(f"read {read.number} missed transfer {number}")
            self.verdict.judged += 1
            yield View(read, places, saw)

    def _explained(self, read: Op) -> Iterator[View]:
        for places, value in parts_of(read):
            chosen = self._explain(read, places, value)
            if chosen is None:
                self.verdict.unjudged += 1
            else:
                self.verdict.judged += 1
                yield View(read, places, chosen)

    def _explain(self, read: Op, places: Places, value: Vector) -> Chosen | None:
        """The transfers that a reader of these items has seen, by the sum they make."""
        touching = frozenset[int]().union(*(self._touching[place] for place in places))
        must = {number for number in touching if self._sure[number] < read.invoked}
        may = {n for n in touching - must if self._transfers[n].invoked < read.ended}
        for number in must:
            value = plus(value, in_all(self._moves[number], places), -1)
        try:
            found = explain(value, {n: in_all(self._moves[n], places) for n in may})
        except TooManyError:
            return None
        if not found:
            self._wrong(f"no transfers explain what read {read.number} saw of {min(places)}")
        return found[0] | must if len(found) == 1 else None

    def _judge_items(self, views: Sequence[View]) -> None:
        """What is seen of an item only grows."""
        by_place = defaultdict[str, list[View]](list)
        for one in views:
            for place in one.places:
                here = one.transfers & self._touching[place]
                by_place[place].append(View(one.read, frozenset({place}), here))
        for place, chain in by_place.items():
            self._judge_chain(place, chain)

    def _judge_moments(self, views: Sequence[View]) -> None:
        """Who reads everything at once sees a transfer everywhere or nowhere, and all of them see
        moments of one history."""
        by_read = defaultdict[int, list[View]](list)
        for view in views:
            if whole(view.read):
                by_read[view.read.number].append(view)
        moments: list[View] = []
        for parts in by_read.values():
            read = parts[0].read
            everything = frozenset[int]().union(*(one.transfers for one in parts))
            for one in parts:
                for number in (everything & self._touching[min(one.places)]) - one.transfers:
                    self._wrong(f"read {read.number} saw transfer {number} in part")
            if len(parts) == len(list(parts_of(read))):
                moments.append(View(read, frozenset(), everything))
        self._judge_chain("everything", moments)

    def _judge_chain(self, place: str, views: Sequence[View]) -> None:
        """Of any two views one contains the other, and the later one is not the smaller."""
        ordered = sorted(views, key=lambda one: len(one.transfers))
        for one, other in pairwise(ordered):
            if not one.transfers <= other.transfers:
                reads = f"{one.read.number} and {other.read.number}"
                self._wrong(f"reads {reads} saw {place} in two histories")
        most, over = 0, iter(sorted(views, key=lambda one: one.read.ended))
        done = next(over, None)
        for view in sorted(views, key=lambda one: one.read.invoked):
            while done is not None and done.read.ended < view.read.invoked:
                most, done = max(most, len(done.transfers)), next(over, None)
            if len(view.transfers) < most:
                self._wrong(f"read {view.read.number} saw {place} as it had been before")
