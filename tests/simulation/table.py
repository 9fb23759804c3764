"""The raw table between two looks, and its items as plain values."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests import support

Raw = dict[str, Any]
Key = tuple[str, str]
MOST_KEYS = 100
JSON = (
    "refunds", "people", "lines", "parts", "versions", "decision", "ruling", "limited_by", "grants",
    "evidence", "former",
)  # fmt: skip
INSTANTS = (
    "paid_at", "refunded_at", "created_at", "cancelled_at", "completed_at", "bound_at",
    "claimed_at", "staff_since", "suspended_at",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """An item that differs from the last look, as DynamoDB tells it."""

    key: Key
    old: Raw | None
    new: Raw | None


@dataclass
class Table:
    """What was there at the last look; `parts` holds plain items by PK and SK."""

    raw: dict[Key, Raw] = field(default_factory=dict)
    parts: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def look(self, touched: Iterable[Key] | None = None) -> list[Change]:
        """Look again, at all items or at those that were `touched`; what changed, in the order of
        keys."""
        after = support.dump() if touched is None or not self.raw else self._after(set(touched))
        changes = [
            Change(key, self.raw.get(key), item)
            for key, item in after.items()
            if self.raw.get(key) != item
        ]
        if len(self.raw) + sum(one.old is None for one in changes) != len(after):
            changes += [
                Change(key, item, None) for key, item in self.raw.items() if key not in after
            ]
        changes.sort(key=lambda change: change.key)
        for change in changes:
            pk, sk = change.key
            if change.new is None:
                del self.parts[pk][sk]
            else:
                self.parts.setdefault(pk, {})[sk] = plain(change.new)
        self.raw = after
        return changes

    def _after(self, touched: set[Key]) -> dict[Key, Raw]:
        """Everything as it is now, if nothing else was written."""
        after = {key: item for key, item in self.raw.items() if key not in touched}
        keys = sorted(touched)
        for start in range(0, len(keys), MOST_KEYS):
            some = [
                {"PK": {"S": pk}, "SK": {"S": sk}} for pk, sk in keys[start : start + MOST_KEYS]
            ]
            wanted = {support.table_name(): {"Keys": some, "ConsistentRead": True}}
            answer = support.client().call("BatchGetItem", RequestItems=wanted)
            assert not answer.get("UnprocessedKeys")
            for item in answer["Responses"][support.table_name()]:
                after[item["PK"]["S"], item["SK"]["S"]] = item
        return after

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        return self.parts.get(pk, {}).get(sk)


def plain(item: Raw) -> dict[str, Any]:
    """The item's attributes as Python values."""
    return {name: _value(name, value) for name, value in item.items()}


def _value(name: str, value: Any) -> Any:
    (kind, content), *_ = value.items()
    match kind:
        case "N":
            return int(content)
        case "B":
            return base64.b64decode(content)
        case "SS":
            return sorted(content)
        case "S" if name in JSON and content[:1] in "{[":
            return json.loads(content)
        case "S" if name in INSTANTS:
            return instant(content)
    return content


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
