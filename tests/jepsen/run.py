"""Rounds of the three workloads until the time is over; the first that breaks a promise ends it.

A seed fixes the faults and the dice of every thread, not the moments at which threads meet: the
history of a round that failed is written down, and the judges can be asked again.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROW = "[jepsen] "
ROUND_SECONDS = 5.0
WORKLOADS = ("transfer", "idempotence", "indefinite")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.jepsen.run", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of play; judging comes on top")
    parser.add_argument("--seed", type=int, help="default: one that is drawn and printed")
    parser.add_argument("--workload", choices=WORKLOADS, help="only this one")
    parser.add_argument("--histories", type=Path, default=Path("build/jepsen"))
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every promise was kept, 1 when one was not."""
    given = _options(arguments)
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    print(f"{ROW}seed {seed}", flush=True)
    chosen = [given.workload] if given.workload else list(WORKLOADS)
    rounds = max(1, round(given.seconds / ROUND_SECONDS / len(chosen)))
    seconds = given.seconds / rounds / len(chosen)
    started, tally = time.monotonic(), {name: Counter[str]() for name in chosen}
    for number in range(rounds):
        for name in chosen:
            game, errors = _round(name, seed * 1_000 + number, seconds, tally[name])
            if errors:
                _report(name, game, errors, given.histories)
                return 1
    for name in chosen:
        print(f"{ROW}{name}: {', '.join(f'{count} {what}' for what, count in tally[name].items())}")
    print(f"{ROW}every promise kept, {time.monotonic() - started:.0f} s")
    return 0


def _round(name: str, seed: int, seconds: float, tally: Counter[str]) -> tuple[Any, Sequence[str]]:
    """One round; what it needs starts the engine when it is imported."""
    import tests.support  # noqa: PLC0415, F401 - first: it sets the environment
    from tests.jepsen import idempotence, indefinite, transfer  # noqa: PLC0415
    from tests.jepsen.ground import Round  # noqa: PLC0415

    runs = {"transfer": transfer.run, "idempotence": idempotence.run, "indefinite": indefinite.run}
    game = Round(seed, seconds)
    verdict = runs[name](game)
    tally["rounds"] += 1
    tally.update({one: count for one, count in game.history.counts().items() if count})
    tally["answers judged"] += verdict.judged
    tally["not judged"] += verdict.unjudged
    tally["accidents"] += sum(n for what, n in game.felt.items() if what not in ("", "forgotten"))
    tally["kills"] += game.kills
    if name == "indefinite":
        lost, stood = indefinite.recovered(game.history)
        tally["unanswered ids"] += lost
        tally["of them stood"] += stood
    return game, verdict.errors


def _report(name: str, game: Any, errors: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{game.seed}.jsonl"
    lines = (json.dumps(asdict(op), default=str) for op in game.history.ops)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{ROW}BROKEN: {name}, round {game.seed}: {len(errors)} errors; history in {path}")
    print(*errors[:20], sep="\n  ")


if __name__ == "__main__":
    sys.exit(main())
