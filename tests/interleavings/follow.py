"""What follows from changes of the table: each is told to the functions that ask for it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from infra.local.invoke import Context, failed_ids, load_handler
from tests.simulation.stream import WANTED, Record, as_record
from tests.simulation.table import Table
from tests.support import NOW

ROUNDS = 12


class Followers:
    """The functions behind the table's stream, and what they have still to be told."""

    def __init__(self) -> None:
        self._table = Table()
        self._number = 0
        self.pending: dict[str, list[Record]] = {handler: [] for handler in WANTED}

    def fork(self) -> Followers:
        """Another one that knows and has to tell the same."""
        return deepcopy(self)

    def look(self) -> bool:
        """Note what changed since the last look, if anything did."""
        changes = self._table.look()
        for change in changes:
            self._number += 1
            record = as_record(change, str(self._number), int(NOW.timestamp()))
            for handler, wanted in WANTED.items():
                if wanted(record):
                    self.pending[handler].append(record)
        return bool(changes)

    def tell(self) -> None:
        """Tell them what is noted, in its order, one function after the other."""
        for handler, records in self.pending.items():
            told, self.pending[handler] = records, []
            if told:
                call(handler, told)

    def come_to_rest(self) -> None:
        for _ in range(ROUNDS):
            self.look()
            if not any(self.pending.values()):
                return
            self.tell()
        raise AssertionError("it does not come to rest")


def call(handler: str, records: list[Record]) -> None:
    name = handler.partition(".")[0]
    result: Any = load_handler(handler)({"Records": records}, Context(name, 60))
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert not failed_ids(result, numbers), f"{name} fails"
