"""Much of one kind of work, side by side, with a bar to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tqdm import tqdm

# Not more than the models keep connections for; far from the table they hide the way there.
THREADS = 8
Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def progress(items: Iterable[Item], total: int, label: str) -> Iterator[Item]:
    """A bar, where somebody looks at it."""
    return iter(tqdm(items, total=total, desc=label, unit="", disable=None))


def each(work: Callable[[Item], Outcome], items: Sequence[Item], label: str) -> list[Outcome]:
    """The outcomes in order. The first error is raised once all that was begun is done."""
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = pool.map(work, items)
        try:
            return list(progress(outcomes, len(items), label))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
