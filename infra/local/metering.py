"""Counts the DynamoDB units used by every botocore session of this process.

The counter is put into botocore's list of built-in handlers, which each new session copies, so that
it also sees the sessions that PynamoDB and Powertools make for themselves. Sessions made before
`install` are not seen. A refused write reports no units, though AWS bills one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import botocore.handlers

READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"})
WRITES = frozenset(
    {
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "BatchWriteItem",
        "TransactWriteItems",
        "BatchExecuteStatement",
    }
)


@dataclass(frozen=True)
class Units:
    """Request units of DynamoDB on-demand capacity."""

    read: float = 0.0
    write: float = 0.0

    def __add__(self, other: Units) -> Units:
        return Units(self.read + other.read, self.write + other.write)


class Meter:
    """Sums ConsumedCapacity; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._units = Units()

    def ask(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        """Adds ReturnConsumedCapacity to a call unless the caller has chosen."""
        if model.name in READS or model.name in WRITES:
            params.setdefault("ReturnConsumedCapacity", "TOTAL")
        return params

    def count(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity")
        if not consumed:
            return
        entries = consumed if isinstance(consumed, list) else [consumed]
        total = sum(float(entry.get("CapacityUnits", 0.0)) for entry in entries)
        used = Units(read=total) if model.name in READS else Units(write=total)
        with self._lock:
            self._units += used

    def units(self) -> Units:
        with self._lock:
            return self._units


METER = Meter()
HANDLERS = (
    ("provide-client-params.dynamodb", METER.ask),
    ("after-call.dynamodb", METER.count),
)


def install() -> Meter:
    """Makes every session created from now on count into the one meter of this process."""
    for handler in HANDLERS:
        if handler not in botocore.handlers.BUILTIN_HANDLERS:
            botocore.handlers.BUILTIN_HANDLERS.append(handler)
    return METER
