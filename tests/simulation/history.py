"""What was accepted in a world, in the order in which it was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.simulation.letters import Message

Deed = tuple[Any, ...]


@dataclass(frozen=True)
class Record:
    """A deed, or `("message", message)`, when it took effect, and who joined by it."""

    at: datetime
    deed: Deed
    joined: str | None = None


class History:
    """A deed is recorded with its first commit, a message with its fact."""

    def __init__(self, messages: Iterable[Message], now: Callable[[], datetime]) -> None:
        self.records: list[Record] = []
        self._now = now
        self._doing: Deed | None = None
        self._messages = {(one.order_key, one.delivery_id): one for one in messages}

    @contextmanager
    def of(self, deed: Deed | None) -> Iterator[None]:
        """What is committed here is committed for a deed; for None it follows from others."""
        before, self._doing = self._doing, deed
        try:
            yield
        finally:
            self._doing = before

    def __call__(self, body: Mapping[str, Any]) -> None:
        """A transaction has taken effect."""
        joined = None
        for action in body["TransactItems"]:
            item = action.get("Put", {}).get("Item", {})
            kind = item.get("kind", {}).get("S")
            if kind == "FACT":
                about = item["PK"]["S"].removeprefix("O#"), item["delivery_id"]["S"]
                self._add(("message", self._messages[about]))
            elif kind == "PROFILE" and item["version"]["N"] == "1":
                joined = item["member_id"]["S"]
        if self._doing is not None:
            self._add(self._doing, joined)
            self._doing = None

    def _add(self, deed: Deed, joined: str | None = None) -> None:
        self.records.append(Record(self._now(), deed, joined))
