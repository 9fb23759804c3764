"""What was accepted in a world, and what was settled, in the order in which it was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.simulation.letters import Message

Deed = tuple[Any, ...]
WRITTEN = ("CREDIT", "ENTRY", "ORDER", "FACT")


@dataclass(frozen=True)
class Record:
    """A deed, or `("message", message)`, when it took effect, and who joined by it."""

    at: datetime
    deed: Deed
    joined: str | None = None


class History:
    """A deed is recorded with its first commit, a message with its fact. A night is recorded if it
    commits nothing, too: a credit that was worth nothing on its way may begin later, and then it is
    let go later. What follows from others is recorded as often as it commits something: whose an
    order is, and which credits moved."""

    def __init__(self, messages: Iterable[Message], now: Callable[[], datetime]) -> None:
        self.records: list[Record] = []
        self._now = now
        self._doing: Deed | None = None
        self._follows = False
        self._messages = {(one.order_key, one.delivery_id): one for one in messages}

    @contextmanager
    def of(self, deed: Deed | None) -> Iterator[None]:
        """What is committed here is committed for a deed; for None it follows from others."""
        before = self._doing, self._follows
        self._doing, self._follows = deed, deed is None
        try:
            yield
            if self._doing is not None and self._doing[0] == "night":
                self._add(self._doing)
        finally:
            self._doing, self._follows = before

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
        elif self._follows:
            self._add_followed(body)

    def _add_followed(self, body: Mapping[str, Any]) -> None:
        """Unlike a deed, it is played as one commit, and not as all that it may lead to."""
        puts = [action["Put"]["Item"] for action in body["TransactItems"] if "Put" in action]
        kinds = {kind: [one for one in puts if one["kind"]["S"] == kind] for kind in WRITTEN}
        if kinds["CREDIT"]:
            names = sorted(one["order_key"]["S"] for one in kinds["CREDIT"])
            posted = [datetime.fromisoformat(one["posted_at"]["S"]) for one in kinds["ENTRY"]]
            # A credit that begins with nothing says by itself when it did.
            begun = [
                datetime.fromisoformat(f"{one['opened_on']['S']}T12:00+08:00")
                for one in kinds["CREDIT"]
                if one["version"]["N"] == "1"
            ]
            at = min(posted or begun, default=self._now())
            self._add(("settle", names, at))
        elif kinds["ORDER"] and not kinds["FACT"]:
            checks = [one.get("ConditionCheck", {}).get("Key") for one in body["TransactItems"]]
            owners = [key["PK"]["S"] for key in checks if key and key["SK"]["S"] == "IDENTITY"]
            waits_at = tuple(owners[0].split("#")[1:]) if owners else None
            given = [one for one in kinds["ORDER"] if not one["PK"]["S"].startswith("O#~sale#")]
            names = [one["PK"]["S"].removeprefix("O#") for one in given]
            self._add(("attach", names, given[0]["member_id"]["S"], waits_at))

    def _add(self, deed: Deed, joined: str | None = None) -> None:
        self.records.append(Record(self._now(), deed, joined))
