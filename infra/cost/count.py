"""Counts what the functions ask of AWS: units of DynamoDB by index, requests of everything else.

The counters are put into botocore's built-in handlers, as infra/local/metering.py does, so every
session created later is seen. They look at each answer before it is parsed, because the night takes
a page's body away.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import botocore.handlers
import urllib3

from infra.local.metering import READS, WRITES

TABLE = "table"


@dataclass(slots=True)
class Used:
    """Units by place (`table` or an index) and requests by service; `partners` are requests to
    anybody but AWS."""

    read: Counter[str] = field(default_factory=Counter)
    write: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    partners: int = 0

    def add(self, other: Used) -> None:
        self.read.update(other.read)
        self.write.update(other.write)
        self.requests.update(other.requests)
        self.partners += other.partners


class Meter:
    """The one counter of this process; `take` hands over what was counted since the last time."""

    def __init__(self) -> None:
        self._used = Used()

    def install(self) -> None:
        """Count for every session that is created from here on, and for WeChat's pool."""
        handlers = botocore.handlers.BUILTIN_HANDLERS
        handlers.append(("provide-client-params.dynamodb", ask))
        handlers.append(("before-send", self._sent))
        # By their full names: handlers of a shorter one come last, when the body is gone.
        handlers.extend((f"before-parse.dynamodb.{name}", self._see) for name in READS | WRITES)
        send = urllib3.PoolManager.urlopen

        def urlopen(pool: urllib3.PoolManager, *args: Any, **more: Any) -> Any:
            self._used.partners += 1
            return send(pool, *args, **more)

        # botocore asks its pools one by one, never the manager, so only partners pass here.
        urllib3.PoolManager.urlopen = urlopen  # type: ignore[assignment, method-assign]

    def take(self) -> Used:
        taken, self._used = self._used, Used()
        return taken

    def _sent(self, event_name: str, **_: Any) -> None:
        self._used.requests[event_name.split(".")[1]] += 1

    def _see(self, response_dict: dict[str, Any], operation_model: Any, **_: Any) -> None:
        units = self._used.read if operation_model.name in READS else self._used.write
        for entry in entries(response_dict["body"]):
            units[TABLE] += entry.get("Table", {}).get("CapacityUnits", 0.0)
            for name, index in entry.get("GlobalSecondaryIndexes", {}).items():
                units[name] += index["CapacityUnits"]


def ask(params: dict[str, Any], model: Any, **_: Any) -> None:
    """Have the engine tell the units of each index."""
    if "ReturnConsumedCapacity" in model.input_shape.members:
        params["ReturnConsumedCapacity"] = "INDEXES"


def entries(body: bytes) -> list[dict[str, Any]]:
    """The ConsumedCapacity of an answer, one a table."""
    consumed = json.loads(body or b"{}").get("ConsumedCapacity") or []
    return consumed if isinstance(consumed, list) else [consumed]


class Sink(io.TextIOBase):
    """Stands in for the functions' standard output: how much they wrote."""

    def __init__(self) -> None:
        self.bytes = 0
        self.lines = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.bytes += len(text.encode())
        self.lines += text.count("\n")
        return len(text)
