"""The process of one event source mapping: polls it and invokes its function."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from infra.local import metering, tokens
from infra.local.aws_json import AwsJson
from infra.local.invoke import Context, load_handler
from infra.local.progress import Progress, read_status
from infra.local.queue_poller import QueuePoller
from infra.local.resolver import REGION
from infra.local.sources import Source
from infra.local.stream_delivery import Delivery
from infra.local.stream_poller import StreamPoller


class Invoker:
    """Calls the handler and counts; a traceback goes to the log and the error to the caller."""

    def __init__(self, source: Source, progress: Progress) -> None:
        self._source = source
        self._handler = load_handler(source.handler)
        self._progress = progress

    def __call__(self, records: list[dict[str, Any]]) -> Any:
        """Raises whatever the handler raises."""
        self._progress.status.invocations += 1
        context = Context(self._source.function, self._source.timeout, self._source.memory)
        try:
            return self._handler({"Records": records}, context)
        except Exception:
            traceback.print_exc()
            raise


def main(text: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    source = Source.from_json(text)
    meter = metering.install()
    tokens.leave_out()
    before = read_status(Path(source.status_path))
    progress = Progress(Path(source.status_path), meter.units)
    invoke = Invoker(source, progress)
    queues = AwsJson(source.queue_endpoint, "sqs", REGION)
    if source.queue:
        QueuePoller(source, queues, invoke, progress).run(stop)
    else:
        delivery = Delivery(source, queues, invoke, progress, stop)
        StreamPoller(source, delivery, progress).run(stop, before)


if __name__ == "__main__":
    main(sys.argv[1])
