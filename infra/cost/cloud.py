"""The local cloud with every function in this process, so that each invocation can be counted.

What the queues and the table's stream trigger is invoked when `settle` is called: a message a batch
from the queues (a brand's orders seldom come closer together), and the records of one event in one
batch from the stream.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from infra.cost import estimate
from infra.cost.count import Meter, Sink
from infra.cost.flow import Flow, Work
from infra.cost.sizes import stored_bytes
from infra.cost.stream import Tap
from infra.local.aws_json import AwsJson
from infra.local.host import schedule_event
from infra.local.http_events import Answer, Request, Routes, build_event, read_result
from infra.local.queue_poller import sqs_record
from infra.local.resolver import REGION
from infra.local.stack import Stack
from infra.local.storage import fast_db_path
from infra.local.triggers import Function

ROUNDS = 20


class CostError(Exception):
    """The product did not do what was to be priced; the text has its answer."""


class CostCloud(Stack):
    """Everything of a local run but its pollers; ends with the `with` block."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, fast_db_path(data_dir), console=True)
        self.sink = Sink()
        self._meter = Meter()
        self._flow: Flow | None = None

    def __enter__(self) -> Self:
        self._undo.enter_context(contextlib.redirect_stdout(self.sink))
        self._meter.install()
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self.db_path is not None and self.db_path.parent != self.data_dir:
            # Made for this process alone, see `fast_db_path`.
            with contextlib.suppress(OSError):
                self.db_path.parent.rmdir()

    def _environment(self, variables: Mapping[str, Any]) -> dict[str, str]:
        """Metrics are written, as on AWS: they are lines of the log."""
        env = super()._environment(variables)
        env.pop("POWERTOOLS_METRICS_DISABLED", None)
        return env

    def _start_pollers(self) -> None:
        """In this process: see `settle`."""
        self._routes = Routes(self.functions.values())
        self._queues = AwsJson(self.queue_endpoint, "sqs", REGION)
        self._undo.callback(self._queues.close)
        table = self.resources["Table"]
        self._tap = Tap(self.engine.endpoint, table.attributes["StreamArn"], self.functions)
        self._undo.callback(self._tap.close)

    @contextlib.contextmanager
    def counted(self, flow: Flow, count: int) -> Iterator[None]:
        """What is done inside belongs to the flow, which does something so many times."""
        before = self.stored_bytes()
        self._flow = flow
        try:
            yield
        finally:
            self._flow = None
        flow.count += count
        flow.stored += self.stored_bytes() - before

    def stored_bytes(self) -> int:
        """What the table and its indexes hold."""
        return stored_bytes(self.engine.endpoint, self.resources["Table"].ref)

    def call(self, request: Request, wanted: int) -> Answer:
        """One HTTP request. Raises CostError on another answer than the wanted one."""
        match = self._routes.find(request.method, request.path)
        if match is None:
            raise CostError(f"no route for {request.method} {request.path}")
        answer = read_result(self.invoke(match.function, build_event(request, match)))
        if answer.status != wanted:
            raise CostError(f"{request.method} {request.path}: {answer.status} {answer.text[:300]}")
        if self._flow is not None:
            self._flow.http += 1
            self._flow.out_bytes += len(answer.body)
        return answer

    def schedule(self, name: str, at: datetime) -> Any:
        """Runs a scheduled function as of a moment; what it answers."""
        function = self.functions[name]
        return self.invoke(function, schedule_event(function.schedules[0], at))

    def settle(self) -> None:
        """Work off the queues and the stream until nothing follows from anything."""
        for _ in range(ROUNDS):
            if not self._work_off_queues() and not self._follow_stream():
                return
        raise CostError("the queues and the stream do not come to rest")

    def invoke(self, function: Function, event: dict[str, Any]) -> Any:
        """Raises what the handler raises."""
        self._meter.take()
        size, lines, cpu = self.sink.bytes, self.sink.lines, time.process_time()
        result = self.host.invoke(function, event)
        cpu, used = time.process_time() - cpu, self._meter.take()
        if self._flow is not None:
            work = self._flow.works.setdefault(function.logical_id, Work(function.memory))
            work.invocations += 1
            work.cpu += cpu
            work.ms += estimate.billed_ms(cpu, function.memory, used.requests, used.partners)
            work.log_bytes += self.sink.bytes - size
            work.log_lines += self.sink.lines - lines
            work.used.add(used)
        return result

    def _work_off_queues(self) -> int:
        return sum(
            self._work_off(function, mapping.queue)
            for function in self.functions.values()
            for mapping in function.queues
        )

    def _work_off(self, function: Function, queue: str) -> int:
        place = self.resources[queue]
        done = 0
        while messages := self._queues.call(
            "ReceiveMessage", QueueUrl=place.ref, MaxNumberOfMessages=1, AttributeNames=["All"]
        ).get("Messages"):
            record = sqs_record(messages[0], place.attributes["Arn"])
            self._finished(function, self.invoke(function, {"Records": [record]}))
            self._queues.call(
                "DeleteMessage", QueueUrl=place.ref, ReceiptHandle=messages[0]["ReceiptHandle"]
            )
            if self._flow is not None:
                self._flow.polled += 2
            done += 1
        return done

    def _follow_stream(self) -> int:
        batches = self._tap.batches()
        for function, records in batches:
            self._finished(function, self.invoke(function, {"Records": records}))
        return len(batches)

    def _finished(self, function: Function, result: Any) -> None:
        if (result or {}).get("batchItemFailures"):
            raise CostError(f"{function.logical_id} gave records back: {result}")
