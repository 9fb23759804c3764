"""Kills processes with SIGKILL, each at another of the calls that any of its clients makes: nothing
of its code runs after that, no `finally` and no handler.

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
from unittest.mock import patch

from botocore.httpsession import URLLib3Session

from infra.local.invoke import Context, load_handler


def killed(function: str, deaths: Sequence[tuple[int, str, dict[str, Any]]]) -> list[int]:
    """How a process ended for each (number of the call, before or after it, event): 0, or minus
    the signal."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, function],
        input=json.dumps(deaths),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    codes: list[int] = json.loads(done.stdout.splitlines()[-1])
    return codes


def _die(handler: Any, number: int, moment: str, event: Any) -> None:
    seen, send = 0, URLLib3Session.send

    def counted(session: URLLib3Session, request: Any) -> Any:
        nonlocal seen
        seen += 1
        if (seen, moment) == (number, "before"):
            os.kill(os.getpid(), signal.SIGKILL)
        answer = send(session, request)
        if (seen, moment) == (number, "after"):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    with patch.object(URLLib3Session, "send", counted):
        handler(event, Context("F", 60))


def main() -> None:
    handler = load_handler(f"{sys.argv[1]}.handler.lambda_handler")
    codes = []
    for death in json.load(sys.stdin):
        process = get_context("fork").Process(target=_die, args=(handler, *death))
        process.start()
        process.join()
        codes.append(process.exitcode)
    print(json.dumps(codes))


if __name__ == "__main__":
    main()
