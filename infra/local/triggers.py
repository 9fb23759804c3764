"""What starts a function: typed forms of SAM's event definitions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.errors import LocalError

PARTIAL_FAILURES = "ReportBatchItemFailures"


@dataclass(frozen=True)
class Route:
    method: str
    path: str


@dataclass(frozen=True)
class QueueMapping:
    """An SQS trigger; `queue` is the logical id, the window is in seconds."""

    queue: str
    batch_size: int = 10
    window: int = 0
    partial_failures: bool = False


@dataclass(frozen=True)
class StreamMapping:
    """A table stream trigger; `max_retries` -1 means until the record expires, as on AWS."""

    table: str
    batch_size: int = 100
    starting_position: str = "TRIM_HORIZON"
    patterns: tuple[str, ...] = ()
    max_retries: int = -1
    bisect: bool = False
    on_failure: str | None = None
    partial_failures: bool = False
    window: int = 0


@dataclass(frozen=True)
class Schedule:
    """A ScheduleV2 event; `payload` is the Input text with its <aws.scheduler...> marks."""

    name: str
    expression: str
    timezone: str
    payload: str


@dataclass(frozen=True)
class Function:
    """One function of the template; `environment` may hold intrinsics of resources."""

    logical_id: str
    handler: str
    code_uri: str
    timeout: int
    memory: int
    environment: Mapping[str, Any]
    routes: tuple[Route, ...] = ()
    queues: tuple[QueueMapping, ...] = ()
    streams: tuple[StreamMapping, ...] = ()
    schedules: tuple[Schedule, ...] = ()


def route(spec: Mapping[str, Any]) -> Route:
    return Route(str(spec["Method"]).upper(), str(spec["Path"]))


def queue_mapping(spec: Mapping[str, Any]) -> QueueMapping:
    return QueueMapping(
        queue=_logical_id(spec["Queue"], "Queue of an SQS event"),
        batch_size=int(spec.get("BatchSize", 10)),
        window=int(spec.get("MaximumBatchingWindowInSeconds", 0)),
        partial_failures=PARTIAL_FAILURES in spec.get("FunctionResponseTypes", ()),
    )


def stream_mapping(spec: Mapping[str, Any]) -> StreamMapping:
    destination = spec.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    filters = spec.get("FilterCriteria", {}).get("Filters", ())
    return StreamMapping(
        table=_logical_id(spec["Stream"], "Stream of a DynamoDB event"),
        batch_size=int(spec.get("BatchSize", 100)),
        starting_position=str(spec.get("StartingPosition", "TRIM_HORIZON")),
        patterns=tuple(_pattern_text(entry["Pattern"]) for entry in filters),
        max_retries=int(spec.get("MaximumRetryAttempts", -1)),
        bisect=bool(spec.get("BisectBatchOnFunctionError", False)),
        on_failure=None if destination is None else _logical_id(destination, "OnFailure"),
        partial_failures=PARTIAL_FAILURES in spec.get("FunctionResponseTypes", ()),
        window=int(spec.get("MaximumBatchingWindowInSeconds", 0)),
    )


def schedule(name: str, spec: Mapping[str, Any]) -> Schedule:
    return Schedule(
        name=name,
        expression=str(spec["ScheduleExpression"]),
        timezone=str(spec.get("ScheduleExpressionTimezone", "UTC")),
        payload=_input_text(spec.get("Input", "{}")),
    )


def _input_text(node: Any) -> str:
    """A schedule's Input; what refers to a resource that does not run here stays as written."""
    return str(node["Fn::Sub"] if isinstance(node, dict) else node)


def _pattern_text(pattern: Any) -> str:
    return pattern if isinstance(pattern, str) else json.dumps(pattern)


def _logical_id(node: Any, where: str) -> str:
    if isinstance(node, dict) and "Fn::GetAtt" in node:
        return str(node["Fn::GetAtt"][0])
    if isinstance(node, dict) and "Ref" in node:
        return str(node["Ref"])
    raise LocalError(f"{where} must refer to a resource of the template, not to {node!r}")
