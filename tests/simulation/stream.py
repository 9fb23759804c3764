"""The table's stream: what changed between two looks, told late, in any order, more than once."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.local.engine import ROOT
from infra.local.filters import compile_filters
from infra.local.template import functions, load_template
from tests.simulation.table import Change

Record = dict[str, Any]
BATCH = 100


def _wanted() -> dict[str, Any]:
    """Handler -> which records its mapping passes, for every function that follows the table."""
    found = {}
    for function in functions(load_template(ROOT / "template.yaml")).values():
        for mapping in function.streams:
            found[function.handler] = compile_filters(mapping.patterns)
    return found


WANTED = _wanted()
FOLLOWERS = tuple(WANTED)


@dataclass(frozen=True)
class Awaited:
    """Orders of which a change is still to be told, and whose they are; `persons` says that who is
    one person with whom is still to be told."""

    orders: set[str]
    members: set[str]
    persons: bool


class Stream:
    """What each function has still to be told."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._number = 0
        self.pending: dict[str, list[Record]] = {handler: [] for handler in FOLLOWERS}

    def add(self, changes: list[Change], at: datetime) -> None:
        for change in changes:
            self._number += 1
            record = as_record(change, str(self._number), int(at.timestamp()))
            for handler, wanted in WANTED.items():
                if wanted(record):
                    self.pending[handler].append(record)

    def take(self, handler: str) -> list[Record]:
        """Some of what is pending, in any order."""
        pending = self.pending[handler]
        wanted = min(len(pending), self._chance.choice((2, 10, BATCH)))
        return self._chance.sample(pending, wanted)

    def settle(self, handler: str, batch: list[Record], failed: set[str]) -> None:
        """Forget what was followed, but for some that will be told again. What failed here is told
        again, also if somebody else has followed it meanwhile."""
        done = {sequence(one) for one in batch} - failed
        done -= {number for number in sorted(done, key=int) if self._chance.random() < 0.1}
        kept = [one for one in self.pending[handler] if sequence(one) not in done]
        waits = set(map(sequence, kept))
        again = [one for one in batch if sequence(one) in failed - waits]
        self.pending[handler] = kept + again

    def awaits(self, handler: str) -> Awaited:
        """What a function has still something to be told of."""
        orders, members, persons = set(), set(), False
        for record in self.pending[handler]:
            images = [record["dynamodb"].get(name, {}) for name in ("NewImage", "OldImage")]
            named = {one["member_id"]["S"] for one in images if "member_id" in one}
            if "order_key" in images[0]:
                orders.add(images[0]["order_key"]["S"])
                members |= named
            persons |= images[0].get("kind") == {"S": "PROFILE"}
        return Awaited(orders, members, persons)

    def __len__(self) -> int:
        return sum(map(len, self.pending.values()))


def sequence(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def as_record(change: Change, number: str, at: int) -> Record:
    name = "INSERT" if change.old is None else "REMOVE" if change.new is None else "MODIFY"
    detail: dict[str, Any] = {
        "ApproximateCreationDateTime": at,
        "Keys": {"PK": {"S": change.key[0]}, "SK": {"S": change.key[1]}},
        "SequenceNumber": number,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    if change.new is not None:
        detail["NewImage"] = change.new
    if change.old is not None:
        detail["OldImage"] = change.old
    return {
        "eventID": number,
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": detail,
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/s",
    }
