"""What happened: operations with their beginnings and ends in one order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

OK, FAIL, INFO = "ok", "fail", "info"
NEVER = 10**12
"""The place of an end that nobody saw."""


@dataclass(slots=True)
class Op:
    """`invoked` and `ended` are places in the order of all events. `asked` is what was wanted,
    `answer` what came of it; an operation that ended as info may take effect at any time after."""

    number: int
    process: int
    kind: str
    asked: Any
    invoked: int
    outcome: str = INFO
    answer: Any = None
    ended: int = NEVER


@dataclass(slots=True)
class History:
    """Written by many threads at once."""

    ops: list[Op] = field(default_factory=list)
    _events: int = 0
    _lock: Any = field(default_factory=Lock, repr=False)

    def invoke(self, process: int, kind: str, asked: Any) -> Op:
        """An operation begins."""
        with self._lock:
            self._events += 1
            op = Op(len(self.ops), process, kind, asked, self._events)
            self.ops.append(op)
        return op

    def end(self, op: Op, outcome: str, answer: Any = None) -> None:
        """It is over, as far as its caller knows; of an info nobody knows when it ends."""
        with self._lock:
            self._events += 1
            op.outcome, op.answer = outcome, answer
            if outcome != INFO:
                op.ended = self._events

    def of(self, *kinds: str, outcome: str | None = None) -> Iterator[Op]:
        """The operations of some kinds in the order of their beginning."""
        for op in self.ops:
            if op.kind in kinds and outcome in (None, op.outcome):
                yield op

    def counts(self) -> dict[str, int]:
        """How many ended how, by kind."""
        counted: dict[str, int] = {}
        for op in self.ops:
            name = f"{op.kind} {op.outcome}"
            counted[name] = counted.get(name, 0) + 1
        return dict(sorted(counted.items()))
