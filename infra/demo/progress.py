"""A bar on a terminal; a plain line every few seconds in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

from tqdm import tqdm

SECONDS_BETWEEN_LINES = 5.0
Item = TypeVar("Item")


def track(
    items: Iterable[Item], total: int, label: str, stream: TextIO | None = None
) -> Iterator[Item]:
    stream = stream or sys.stderr
    if stream.isatty():
        yield from tqdm(items, total=total, desc=label, unit="", file=stream, smoothing=0.05)
    else:
        yield from _lines(items, total, label, stream)


def _lines(items: Iterable[Item], total: int, label: str, stream: TextIO) -> Iterator[Item]:
    started = shown = time.monotonic()
    done = 0
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - shown >= SECONDS_BETWEEN_LINES:
            shown, rate = now, done / (now - started)
            left = (total - done) / rate
            print(
                f"{label}: {done:,} of {total:,}, {rate:,.0f}/s, about {left:,.0f} s left",
                file=stream,
                flush=True,
            )
    print(f"{label}: {done:,} of {total:,} done", file=stream, flush=True)
