"""Calls one function with many events at the same moment, each in a process of its own, as Lambda
does: `python together.py <function>`, events and answers as JSON.

The function is imported once and the process then forked, so that fifty cost little more than one.
It is run as a file, because importing the tests' package would start engines of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from typing import Any

from infra.local.invoke import Context, load_handler
from siyu.aws import client


def together(
    function: str, events: Sequence[dict[str, Any]]
) -> tuple[list[Any], list[dict[str, Any]]]:
    """The answer to each event, and what all of them logged."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, function],
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout), [json.loads(row) for row in done.stderr.splitlines()]


def _at_once(handler: Callable[[Any, Any], Any], events: Sequence[Any]) -> list[Any]:
    context = get_context("fork")
    gate = context.Barrier(len(events))
    answers = context.SimpleQueue()

    def one(number: int, event: Any) -> None:
        gate.wait()
        try:
            answers.put((number, handler(event, Context("F", 60))))
        except Exception as error:
            answers.put((number, repr(error)))
            raise

    processes = [context.Process(target=one, args=pair) for pair in enumerate(events)]
    for process in processes:
        process.start()
    found = dict(answers.get() for _ in processes)
    for process in processes:
        process.join()
    return [found[number] for number in range(len(events))]


def main() -> None:
    answers_to = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a function prints is its log
    handler = load_handler(f"{sys.argv[1]}.handler.lambda_handler")
    for service in ("sqs", "secretsmanager"):
        client(service)  # built once for all; it connects when it is used
    json.dump(_at_once(handler, json.load(sys.stdin)), answers_to)
    answers_to.close()


if __name__ == "__main__":
    main()
