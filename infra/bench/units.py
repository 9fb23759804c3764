"""Counts DynamoDB's units from the answers as they arrive.

The night takes the body of a query away before botocore parses it, so nothing later sees its units.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

import botocore.handlers

from infra.local.metering import READS, WRITES

_UNITS = re.compile(rb'"CapacityUnits":\s*([0-9.]+)')
# The answers to these tell what each statement of many did.
_LABELS = "BatchExecuteStatement"


class Units:
    """Units by operation, and the calls."""

    def __init__(self) -> None:
        self.by_operation: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()

    def install(self) -> None:
        """Count for every session that is created from here on."""
        handlers = botocore.handlers.BUILTIN_HANDLERS
        handlers.append(("provide-client-params.dynamodb", _ask))
        # By their full names: handlers of a shorter one come last, when the body is gone.
        handlers += [(f"before-parse.dynamodb.{name}", self._see) for name in READS | WRITES]

    def _see(self, response_dict: dict[str, Any], operation_model: Any, **_: Any) -> None:
        name = operation_model.name
        self.calls[name] += 1
        for units in _UNITS.findall(response_dict["body"]):
            self.by_operation[name] += float(units)

    def report(self) -> dict[str, float]:
        """Units read, written, and written as labels."""
        return {
            "read": sum(self.by_operation[name] for name in READS),
            "write": sum(self.by_operation[name] for name in WRITES),
            "labels": self.by_operation[_LABELS],
            "calls": self.calls.total(),
        }


def _ask(params: dict[str, Any], model: Any, **_: Any) -> None:
    if "ReturnConsumedCapacity" in model.input_shape.members:
        params["ReturnConsumedCapacity"] = "TOTAL"
