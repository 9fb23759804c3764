"""What a poller tells the runner: one small file, replaced atomically."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from infra.local.metering import Units

FLUSH_SECONDS = 0.05


@dataclass
class Status:
    """Counts since the poller's start; `checkpoint` is the last handled sequence per shard.

    `behind` counts records read but not handled; `idle_polls` counts polls that found nothing.
    """

    ready: bool = False
    processed: int = 0
    failed: int = 0
    invocations: int = 0
    behind: int = 0
    idle_polls: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    stream_arn: str = ""
    checkpoint: dict[str, str] = field(default_factory=dict)

    @property
    def units(self) -> Units:
        return Units(self.read_units, self.write_units)


def read_status(path: Path) -> Status:
    """The last written status; a new one when there is no file yet."""
    try:
        return Status(**json.loads(path.read_text()))
    except FileNotFoundError:
        return Status()


class Progress:
    """A poller's own status and its file."""

    def __init__(self, path: Path, units: Callable[[], Units]) -> None:
        self.status = Status()
        self._path = path
        self._units = units
        self._written = 0.0
        path.parent.mkdir(parents=True, exist_ok=True)

    def flush(self, force: bool = True) -> None:
        """Writes the file; without `force` at most every 50 ms."""
        now = time.monotonic()
        if not force and now - self._written < FLUSH_SECONDS:
            return
        self._written = now
        used = self._units()
        self.status.read_units, self.status.write_units = used.read, used.write
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self.status)))
        temporary.replace(self._path)
