"""Random worlds until so many messages are delivered.

The same seed and number of processes give the same trace. A violation names the world to replay.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from typing import Any

ROW = "[simulation] "


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.run", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000, help="messages to deliver")
    parser.add_argument("--seed", type=int, help="default: one that is drawn and printed")
    parser.add_argument("--processes", type=int, default=2, help="each with an engine of its own")
    parser.add_argument("--world", type=int, help="play this world only")
    parser.add_argument("--share", type=int, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every invariant held, 1 when one did not."""
    given = _options(arguments)
    if given.seed is None:
        given.seed = random.SystemRandom().randrange(10**6)
    if given.share is None:
        print(f"{ROW}seed {given.seed}", flush=True)
    if given.world is not None or given.share is not None or given.processes == 1:
        return _play(given)
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.simulation.run", *_passed_on(given)]
    shares = [
        subprocess.Popen([*command, "--share", str(share)], stdout=subprocess.PIPE, text=True)
        for share in range(given.processes)
    ]
    answers = [share.communicate()[0] for share in shares]
    if any(share.returncode for share in shares):
        print("".join(answers), end="")
        return 1
    found = [json.loads(answer.splitlines()[-1]) for answer in answers]
    _report(found, time.monotonic() - started)
    return 0


def _passed_on(given: argparse.Namespace) -> list[str]:
    numbers = {"events": given.events, "seed": given.seed, "processes": given.processes}
    return [f"--{name}={number}" for name, number in numbers.items()]


def _play(given: argparse.Namespace) -> int:
    """The worlds of one process; importing them starts its engine."""
    from tests.simulation.play import Share, WorldError, play  # noqa: PLC0415

    share = Share(given.seed, given.share or 0, given.processes)
    started = time.monotonic()
    try:
        tally = play(share, given.events // given.processes, only=given.world)
    except WorldError as error:
        if isinstance(error.__cause__, Exception):
            traceback.print_exception(error.__cause__, file=sys.stdout)
        print(f"{ROW}VIOLATED in seed {given.seed}, world {error.world}, step {error.step}")
        print(f"{ROW}{error.violated}", *error.lines, sep="\n  ")
        replay = f"--seed {given.seed} --world {error.world}"
        print(f"{ROW}replay: python -m tests.simulation.run {replay}")
        return 1
    if given.share is None:
        _report([tally], time.monotonic() - started)
    else:
        print(json.dumps(tally))
    return 0


def _report(tallies: list[dict[str, Any]], seconds: float) -> None:
    events, worlds, steps = (
        sum(tally[name] for tally in tallies) for name in ("events", "worlds", "steps")
    )
    for name in ("entries", "deeds"):
        found = sum((Counter(tally[name]) for tally in tallies), Counter[str]())
        print(f"{ROW}{name}: {', '.join(f'{n} {what}' for what, n in sorted(found.items()))}")
    digest = hashlib.sha256("".join(tally["digest"] for tally in tallies).encode()).hexdigest()
    print(
        f"{ROW}{events} events in {worlds} worlds, {steps} steps, each checked: all invariants hold"
    )
    print(f"{ROW}{seconds:.1f} s, {events / seconds:.0f} events a second, trace {digest[:16]}")


if __name__ == "__main__":
    sys.exit(main())
