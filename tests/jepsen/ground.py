"""A table, threads that work on it, and faults in both."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from tests import support
from tests.faults import KilledError
from tests.jepsen.history import FAIL, INFO, OK, History
from tests.jepsen.nemesis import CALM, FaultRates, Nemesis, keep_file, kill_engine, on_the_line

THREADS = 8
PAUSE = 0.01
"""Seconds that somebody waits whose call failed; an engine that is away comes back."""


@dataclass
class Round:
    """One game: `seconds` of play, and how often the engine is killed meanwhile."""

    seed: int
    seconds: float
    kills: int = 1
    history: History = field(default_factory=History)
    felt: dict[str, int] = field(default_factory=dict)

    def chance(self, process: int) -> random.Random:
        """The dice of one process."""
        return random.Random(f"{self.seed} {process}")


Step = Callable[[int, random.Random], None]


def play(game: Round, step: Step) -> None:
    """Let all threads take steps until the time is over, then let the faults end."""
    if not keep_file():
        game.kills = 0
    support.empty_table()
    chance = game.chance(-1)
    with _impatient(), on_the_line(game.seed) as nemesis:
        until = time.monotonic() + game.seconds
        with ThreadPoolExecutor(THREADS) as pool:
            working = [pool.submit(_work, game, one, step, until) for one in range(THREADS)]
            _change_rates(game, nemesis, chance, until)
            for one in working:
                one.result()
        nemesis.rates, game.felt = CALM, dict(sorted(nemesis.felt.items()))


def _work(game: Round, process: int, step: Step, until: float) -> None:
    chance = game.chance(process)
    while time.monotonic() < until:
        step(process, chance)


def _change_rates(game: Round, nemesis: Nemesis, chance: random.Random, until: float) -> None:
    spell = game.seconds / (game.kills + 1)
    for number in range(game.kills + 1):
        nemesis.rates = FaultRates.of(chance)
        left = until - time.monotonic()
        time.sleep(max(0.0, min(spell, left)))
        if number < game.kills:
            kill_engine()


def recorded(
    game: Round, process: int, kind: str, asked: Any, work: Callable[[], tuple[str, Any]]
) -> str:
    """Do a write that says itself how it ended, and more; a process that dies knows nothing."""
    op = game.history.invoke(process, kind, asked)
    outcome, answer = INFO, None
    with suppress(KilledError):
        outcome, answer = work()
    game.history.end(op, outcome, answer)
    if outcome == INFO:
        time.sleep(PAUSE)
    return outcome


def read(game: Round, process: int, kind: str, asked: Any, work: Callable[[], Any]) -> Any:
    """Do a read; one that fails has no answer."""
    op = game.history.invoke(process, kind, asked)
    try:
        answer = work()
    except (Exception, KilledError):  # noqa: BLE001 - it read nothing, whatever it was
        game.history.end(op, FAIL)
        time.sleep(PAUSE)
        return None
    game.history.end(op, OK, answer)
    return answer


def unless_it_dies(work: Callable[[], Any]) -> Any:
    """What came of reading before a decision; None when there was no answer."""
    try:
        return work()
    except (Exception, KilledError):  # noqa: BLE001 - nothing was decided, whatever it was
        time.sleep(PAUSE)
        return None


@contextmanager
def _impatient() -> Iterator[None]:
    """The SDK and the ledger try again without waiting long, and the SDK does not tire of it."""
    short = SimpleNamespace(sleep=lambda seconds: time.sleep(min(seconds, PAUSE / 5)))
    with (
        patch("botocore.retries.quota.RetryQuota.acquire", lambda *_: True),
        patch("botocore.endpoint.time", short),
        patch("siyu.storage.backoff.time", short),
    ):
        yield
