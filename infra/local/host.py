"""Runs the HTTP and scheduled functions inside this process."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import traceback
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from infra.local.errors import LocalError
from infra.local.http_events import Answer, Request, Routes, build_event, plain, read_result
from infra.local.invoke import Context, Handler, load_handler
from infra.local.metering import METER, Units
from infra.local.resolver import ACCOUNT, REGION
from infra.local.triggers import Function, Schedule


class Host:
    """One invocation at a time: Powertools keeps the current event in class attributes."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        environments: Mapping[str, Mapping[str, str]],
        log: TextIO | None = None,
    ) -> None:
        self._functions = functions
        self._environments = environments
        self._routes = Routes(functions.values())
        self._handlers: dict[str, Handler] = {}
        self._units: dict[str, Units] = {}
        self._lock = threading.Lock()
        self._log = log

    def handler(self, function: Function) -> Handler:
        """Imports on first use; a log given to the host gets what the module's loggers write."""
        name = function.logical_id
        if name not in self._handlers:
            # Clients are made while it is imported, so its variables have to be there by then.
            os.environ.update(self._environments[name])
            with self._captured():
                self._handlers[name] = load_handler(function.handler)
        return self._handlers[name]

    @contextlib.contextmanager
    def _captured(self) -> Iterator[None]:
        # Loggers take sys.stdout when they are made, so only the import needs the redirection.
        if self._log is None:
            yield
        else:
            with contextlib.redirect_stdout(self._log):
                yield

    def invoke(self, function: Function, event: dict[str, Any]) -> Any:
        """Raises whatever the handler raises."""
        with self._lock:
            os.environ.update(self._environments[function.logical_id])
            handler = self.handler(function)
            context = Context(function.logical_id, function.timeout, function.memory)
            before = METER.units()
            try:
                return handler(event, context)
            finally:
                self._count(function.logical_id, before, METER.units())

    def _count(self, name: str, before: Units, after: Units) -> None:
        used = Units(after.read - before.read, after.write - before.write)
        self._units[name] = self._units.get(name, Units()) + used

    def units(self) -> dict[str, Units]:
        return dict(self._units)

    def call(self, request: Request) -> Answer:
        """The answer that API Gateway would give, its own 404 and 500 included."""
        match = self._routes.find(request.method, request.path)
        if match is None:
            return plain(404, "Not Found")
        try:
            return read_result(self.invoke(match.function, build_event(request, match)))
        except Exception:  # noqa: BLE001 - any error of a function is a 500 of the gateway
            traceback.print_exc(file=self._log or sys.stderr)
            return plain(500, "Internal Server Error")

    def routed(self, method: str, path: str) -> bool:
        return self._routes.find(method, path) is not None

    def invoke_schedule(self, name: str, at: datetime) -> Any:
        """Invokes a scheduled function with its template Input for the planned moment `at`."""
        function = self._functions.get(name)
        if function is None or not function.schedules:
            raise LocalError(f"{name} is not a function with a ScheduleV2 event")
        return self.invoke(function, schedule_event(function.schedules[0], at))


def schedule_event(schedule: Schedule, at: datetime) -> dict[str, Any]:
    """The schedule's Input with EventBridge Scheduler's marks filled in; `at` must be aware."""
    if at.tzinfo is None:
        raise LocalError("the scheduled time must have a time zone")
    marks = {
        "scheduled-time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "schedule-arn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{schedule.name}",
        "execution-id": str(uuid.uuid4()),
        "attempt-number": "1",
    }
    text = schedule.payload
    for mark, value in marks.items():
        text = text.replace(f"<aws.scheduler.{mark}>", value)
    event: dict[str, Any] = json.loads(text)
    return event
