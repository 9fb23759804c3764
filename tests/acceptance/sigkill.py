"""Kills processes with SIGKILL, each at another of the calls it makes to the table: nothing of its
code runs after that, no `finally` and no handler. `python sigkill.py <function>`, JSON in and out.

It is run as a file, because importing the tests' package would start engines of its own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing import get_context
from typing import Any

from infra.local.invoke import Context, load_handler
from siyu.aws import client
from siyu.storage.items import CONNECTION

MOMENTS = {"before": "before-send.dynamodb", "after": "response-received.dynamodb"}


def killed(function: str, deaths: Sequence[tuple[int, str, dict[str, Any]]]) -> list[int]:
    """How a process ended for each (number of the call, before or after it, event): 0, or minus
    the signal."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, function],
        input=json.dumps(deaths),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    codes: list[int] = json.loads(done.stdout.splitlines()[-1])
    return codes


def _die(handler: Any, number: int, moment: str, event: Any) -> None:
    seen = 0

    def hook(**_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    events: Any = CONNECTION.client.meta.events
    events.register(MOMENTS[moment], hook)
    handler(event, Context("F", 60))


def main() -> None:
    handler = load_handler(f"{sys.argv[1]}.handler.lambda_handler")
    client("secretsmanager")
    codes = []
    for death in json.load(sys.stdin):
        process = get_context("fork").Process(target=_die, args=(handler, *death))
        process.start()
        process.join()
        codes.append(process.exitcode)
    print(json.dumps(codes))


if __name__ == "__main__":
    main()
