"""`LocalCloud`: the whole template on this computer, as one context manager."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from infra.local.engine import start_engine
from infra.local.http_events import Answer, Request
from infra.local.metering import Units
from infra.local.progress import Status
from infra.local.stack import Stack


class LocalCloud(Stack):
    """Engines, stand-ins, pollers and functions; everything ends with `stop` or with this process.

    `db_path` None keeps the table in the data directory; a path elsewhere (see
    `storage.fast_db_path`) is copied there by `stop`; `memory` keeps nothing. HTTP and scheduled
    functions run in this process, so its environment gets the functions' variables until `stop`.
    """

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
        *,
        query: str = "",
        time_epoch_ms: int | None = None,
        source_ip: str = "127.0.0.1",
    ) -> Answer:
        """One HTTP request without a socket; the function gets the very event the server makes."""
        data = body.encode() if isinstance(body, str) else body or b""
        pairs = tuple((headers or {}).items())
        request = Request(method, path, query, pairs, data, source_ip, time_epoch_ms)
        return self.host.call(request)

    def invoke_schedule(self, logical_id: str, at: datetime) -> Any:
        """Runs a scheduled function as of `at` (aware); returns its result, raises its error."""
        return self.host.invoke_schedule(logical_id, at)

    def wait_idle(self, timeout: float = 60.0) -> None:
        """Returns when all queues are drained and all stream mappings have caught up."""
        self._watch.wait(timeout)

    def status(self) -> dict[str, Status]:
        """The pollers' counts, by source name."""
        return self._watch.statuses()

    def queue_depth(self, logical_id: str) -> int:
        """Messages in a queue of the template, dead-letter queues included."""
        return self._watch.depth(logical_id)

    def units_by_function(self) -> dict[str, Units]:
        """DynamoDB units used so far by each function."""
        used = self.host.units()
        for poller in self._pollers:
            name = poller.source.function
            used[name] = used.get(name, Units()) + poller.status().units
        return used

    def units(self) -> Units:
        """DynamoDB units used so far by all functions; complete after `wait_idle`."""
        return sum(self.units_by_function().values(), Units())

    def kill_engine(self) -> None:
        """Ends the table's engine by SIGKILL; everybody who asks it meets a closed port."""
        self.engine.process.kill()

    def restart_engine(self) -> None:
        """Starts it again where it was: the same port, and the same database if it has a file."""
        port = urlsplit(self.engine.endpoint).port
        engine = start_engine(self.logs, self.db_path, self.engine.kind, port)
        self._processes[self._processes.index(self.engine.process)] = engine.process
        self.engine = engine

    def check(self) -> None:
        """Raises LocalError when one of the processes has ended by itself."""
        for process in self._processes:
            process.check()
