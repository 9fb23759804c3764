"""Says what is done and how long it took, and waits for what comes later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from infra.local.errors import LocalError

# A function that starts on a busy machine may take seconds; nothing here takes this long.
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.25


@contextmanager
def step(name: str) -> Iterator[None]:
    """Prints what begins, and its seconds when it is over."""
    print(f"[e2e] {name} ...", flush=True)
    began = time.monotonic()
    yield
    print(f"[e2e]   {time.monotonic() - began:.1f} s", flush=True)


def expect(what: str, got: Any, wanted: Any) -> None:
    """Raises LocalError with both when they differ."""
    if got != wanted:
        raise LocalError(f"{what}: {got!r} in the place of {wanted!r}")


def eventually(
    what: str, look: Callable[[], Any], wanted: Any, seconds: float = PATIENCE_SECONDS
) -> None:
    """Looks until it sees what is wanted. Raises LocalError with what it saw last."""
    deadline = time.monotonic() + seconds
    while (got := look()) != wanted:
        if time.monotonic() > deadline:
            raise LocalError(f"{what}: {got!r} after {seconds:g} s in the place of {wanted!r}")
        time.sleep(PAUSE_SECONDS)
