"""`make sam-local`: the API in containers, with its queues and its stream, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from infra.local.dev import (
    STORE,
    profile_line,
    receipt_token,
    refuse_taken,
    scan_line,
    webhook_line,
)
from infra.local.process import free_port
from infra.local.runner import LocalCloud
from infra.samlocal.remote import ADDRESS, HANDLER
from infra.samlocal.sam import Sam

WATCH_SECONDS = 1.0


class SamCloud(LocalCloud):
    """A local cloud whose functions run in containers: SAM serves the routes, and the pollers of
    queues and streams ask SAM instead of importing a handler."""

    def __init__(self, data: Path, port: int, sam: Sam) -> None:
        super().__init__(data)
        self.port = port
        self.lambda_port = free_port()
        self._sam = sam

    def _start_pollers(self) -> None:
        self._sam.open(self.env)
        for kind, port in (("start-api", self.port), ("start-lambda", self.lambda_port)):
            self._processes.append(self._sam.serve(kind, port, self.logs))
        self._outer[ADDRESS] = f"http://127.0.0.1:{self.lambda_port}"
        self.functions = {
            name: replace(function, handler=HANDLER) for name, function in self.functions.items()
        }
        super()._start_pollers()


def serve(port: int, data: Path) -> None:
    """Serves until a signal. Raises LocalError with what to do when it cannot."""
    refuse_taken(port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with Sam(str(port)) as sam, SamCloud(data, port, sam) as cloud:
        print(welcome(cloud), flush=True)
        while True:
            cloud.check()
            time.sleep(WATCH_SECONDS)


def welcome(cloud: SamCloud) -> str:
    """What is where, and the three lines of `make dev`."""
    base = f"http://127.0.0.1:{cloud.port}"
    number = int(time.time())
    token = receipt_token(cloud, STORE, number)
    return "\n".join(
        [
            f"\nSiyu is at {base}, in containers. Logs: {cloud.logs}. Ctrl-C stops it.",
            "The first request to each function starts its container, which takes some seconds.\n",
            *(night_line(cloud, name) for name, one in cloud.functions.items() if one.schedules),
            "\n# 1. A shop reports a paid order.",
            webhook_line(cloud, base, number, token),
            "\n# 2. The shopper scans the receipt.",
            scan_line(base, token),
            "\n# 3. The shopper looks at the account.",
            profile_line(base),
            "",
        ]
    )


def night_line(cloud: SamCloud, name: str) -> str:
    """A line that runs a scheduled function as its schedule would, as of when it is pasted."""
    plan = cloud.functions[name].schedules[0]
    url = f"http://127.0.0.1:{cloud.lambda_port}/2015-03-31/functions/{name}/invocations"
    payload = plan.payload.replace('"', '\\"').replace("$", "\\$")
    payload = payload.replace("<aws.scheduler.scheduled-time>", "$(date -u +%Y-%m-%dT%H:%M:%SZ)")
    return f'{name}, {plan.expression} {plan.timezone}: curl -sS {url} -d "{payload}"'
