"""No message is lost: what was acknowledged has its fact in the table, or lies in quarantine."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from tests.simulation.books import Books, require
from tests.simulation.letters import Message
from tests.simulation.model import ContradictionError, fold

CONFLICTS = ("conflicting_fact", "reused_delivery_id")
Pile = tuple[str, str]


class Post:
    """What became of the messages of a world."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._told: defaultdict[str, set[str]] = defaultdict(set)
        self._tried: dict[int, Message] = {}
        self._unseen: list[Message] = []
        self.aside: dict[int, Message] = {}
        """Acknowledged messages without a fact."""

    def delivered(self, batch: Iterable[Message]) -> None:
        for message in batch:
            if message.fact is not None:
                self._told[message.order_key].add(message.fact)
            if message.number not in self.aside:
                self._tried[message.number] = message

    def acknowledged(self, batch: Iterable[Message]) -> None:
        self._unseen += batch

    def check(self, orders: Iterable[str]) -> None:
        """After a step that touched some orders."""
        for key in orders:
            facts = self._books.facts.get(key, set())
            require(facts <= self._told[key], "every fact was told", key)
        for message in self._unseen:
            self._tried.pop(message.number, None)
            if message.fact is None or message.fact not in self._books.facts.get(
                message.order_key, ()
            ):
                self.aside[message.number] = message
        self._unseen.clear()
        must, may = _piles(self.aside), _piles({**self._tried, **self.aside})
        found: defaultdict[Pile, int] = defaultdict(int)
        for (source, reason), count in self._books.aside.items():
            found[source, "conflict" if reason in CONFLICTS else reason] += count
        for pile in sorted({*must, *may, *found}):
            require(
                must[pile] <= found[pile] <= may[pile],
                "an acknowledged message has an effect or is in quarantine",
                pile,
                must[pile],
                found[pile],
                may[pile],
            )

    def close(self) -> None:
        """At the end nothing is on its way, and nothing is aside without a reason."""
        require(not self._tried, "everything was acknowledged", sorted(self._tried))
        for message in self.aside.values():
            if message.fact is not None:
                require(self._contradicts(message), "only contradictions are set aside", message)

    def _contradicts(self, message: Message) -> bool:
        books, key = self._books, message.order_key
        delivery = books.table.get(f"D#{message.source}#{message.delivery_id}", "DELIVERY")
        if delivery is not None:
            return True
        facts = [*books.facts.get(key, ()), message.fact or ""]
        try:
            fold(key, map(json.loads, facts))
        except ContradictionError:
            return True
        return False


def _piles(messages: dict[int, Message]) -> defaultdict[Pile, int]:
    piles: defaultdict[Pile, int] = defaultdict(int)
    for message in messages.values():
        piles[message.source, message.reason or "conflict"] += 1
    return piles
