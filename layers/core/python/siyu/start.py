"""What happens once, while a function starts: Lambda gives it a full processor then, and in its
first request only the share that its memory buys.

A package of a function begins with it, before anything else. Until the end of the start nothing is
collected: all that is loaded stays, and looking through it for garbage is a tenth of the work.
"""

import atexit
import gc
from collections.abc import Callable

_works: list[Callable[[], object]] = []


def begin() -> None:
    """A function starts. Commands and tools never begin, so they collect as ever."""
    gc.disable()


def at_end(work: Callable[[], object]) -> None:
    """Do this when all is imported; for what the first request would otherwise do. It must not
    call anybody: a function has to start even when nobody answers."""
    _works.append(work)


def end() -> None:
    """The start is over. What there is by now is never looked through again."""
    try:
        while _works:
            _works.pop(0)()
        gc.freeze()
        # Or libraries that count their objects at the end, as DuckDB does, call them leaked.
        atexit.register(gc.unfreeze)
    finally:
        gc.enable()
