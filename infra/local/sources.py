"""Plans one poller process per event source mapping of the template, like Lambda's own pollers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from infra.local.process import Guarded, start
from infra.local.progress import Status, read_status
from infra.local.resolver import Physical
from infra.local.triggers import Function, QueueMapping, StreamMapping


@dataclass(frozen=True)
class Source:
    """Everything that a poller needs; it is its one command line argument, as JSON."""

    name: str
    function: str
    handler: str
    timeout: int
    memory: int
    status_path: str
    queue_endpoint: str
    dynamodb_endpoint: str
    # The queue's URL and ARN, or the stream's ARN twice.
    address: str
    arn: str
    on_failure_url: str = ""
    queue: dict[str, Any] = field(default_factory=dict)
    stream: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Source:
        return cls(**json.loads(text))

    def queue_mapping(self) -> QueueMapping:
        return QueueMapping(**self.queue)

    def stream_mapping(self) -> StreamMapping:
        return StreamMapping(**{**self.stream, "patterns": tuple(self.stream["patterns"])})


@dataclass(frozen=True)
class Poller:
    """A running poller."""

    source: Source
    process: Guarded

    def status(self) -> Status:
        return read_status(Path(self.source.status_path))


@dataclass(frozen=True)
class Planner:
    """Where things are in this run."""

    state_dir: Path
    queue_endpoint: str
    dynamodb_endpoint: str
    resources: Mapping[str, Physical]
    queue_workers: int = 1

    def plan(self, functions: Mapping[str, Function]) -> Iterator[Source]:
        """The sources of all functions; a queue gets `queue_workers` of them."""
        for function in functions.values():
            for mapping in function.queues:
                for worker in range(self.queue_workers):
                    yield self._queue(function, mapping, f"{mapping.queue}-{worker}")
            for index, stream in enumerate(function.streams):
                yield self._stream(function, stream, f"{stream.table}-{index}")

    def _queue(self, function: Function, mapping: QueueMapping, label: str) -> Source:
        queue = self.resources[mapping.queue]
        common = self._common(function, label)
        return Source(
            **common, address=queue.ref, arn=queue.attributes["Arn"], queue=asdict(mapping)
        )

    def _stream(self, function: Function, mapping: StreamMapping, label: str) -> Source:
        arn = self.resources[mapping.table].attributes["StreamArn"]
        target = self.resources[mapping.on_failure].ref if mapping.on_failure else ""
        return Source(
            **self._common(function, label),
            address=arn,
            arn=arn,
            on_failure_url=target,
            stream=asdict(mapping),
        )

    def _common(self, function: Function, label: str) -> dict[str, Any]:
        name = f"{function.logical_id}-{label}"
        return {
            "name": name,
            "function": function.logical_id,
            "handler": function.handler,
            "timeout": function.timeout,
            "memory": function.memory,
            "status_path": str(self.state_dir / f"{name}.json"),
            "queue_endpoint": self.queue_endpoint,
            "dynamodb_endpoint": self.dynamodb_endpoint,
        }


def start_poller(source: Source, env: Mapping[str, str], logs: Path) -> Poller:
    """Starts the poller; its log holds the function's output and tracebacks."""
    reset_ready(Path(source.status_path))
    command = [sys.executable, "-m", "infra.local.poller", source.to_json()]
    process = start(source.name, command, env, logs / f"{source.name}.log")
    return Poller(source, process)


def reset_ready(path: Path) -> None:
    """Keeps the checkpoint of an earlier run but not its counts."""
    old = read_status(path)
    if path.exists():
        kept = Status(stream_arn=old.stream_arn, checkpoint=old.checkpoint)
        path.write_text(json.dumps(asdict(kept)))
