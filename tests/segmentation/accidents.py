"""What may happen while a night runs: it dies at any of its calls, or members buy meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from siyu.aws import client
from siyu.storage import rows
from tests.faults import Fault, Line, line


@contextmanager
def night_line(fault: Fault = lambda _number, _operation: None) -> Iterator[Line]:
    """Every call of a night goes over this line: of the models, of the reader, of the writer."""
    others: list[Any] = [client("dynamodb").meta.events, rows._client().meta.events]
    with line(fault) as broken:
        for events in others:
            events.register("before-send.dynamodb", broken)
        try:
            yield broken
        finally:
            for events in others:
                events.unregister("before-send.dynamodb", broken)


def meanwhile(number: int, happens: Callable[[], None]) -> Fault:
    """Something happens once, before a call of the night."""
    begun = False

    def fault(count: int, _operation: str) -> str | None:
        nonlocal begun
        if count == number and not begun:
            begun = True
            happens()
        return None

    return fault
