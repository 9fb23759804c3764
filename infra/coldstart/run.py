"""`make bench-coldstart`: what a cold start of each function takes, from what `sam build` ships.

`python -m infra.coldstart.run [--rounds N] [--functions a,b] [--json] [--no-build]`. Exit code 1
when a function fails or a target is missed. Targets are ratios to a handler that does nothing, in
the same run; below 15 rounds they are loose.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from infra import smoke
from infra.coldstart import emulator, programs, report
from infra.coldstart.interpreter import prepared
from infra.coldstart.programs import BARE
from infra.coldstart.runtime_api import ColdStartError
from infra.coldstart.sample import Program, Sample, cold_start

SEED = 20261122


def say(text: str) -> None:
    print(f"[coldstart] {text}", file=sys.stderr, flush=True)


def measured(python: Path, wanted: dict[str, Program], rounds: int) -> dict[str, list[Sample]]:
    """Each program once a round, in an order of chance; the first round warms the page cache."""
    from tests import support  # noqa: PLC0415 - starts the engines
    from tests.functions import world  # noqa: PLC0415

    order = random.Random(SEED)
    shop = list(support.dump().values())
    samples: dict[str, list[Sample]] = {name: [] for name in wanted}

    def event(name: str) -> dict[str, Any]:
        """Of the shop as it was opened: what is done once more is the same work."""
        if name == BARE:
            return {}
        world.as_it_was(shop)
        return world.event_of(name)

    for number in range(rounds + 1):
        for name in order.sample(list(wanted), len(wanted)):
            sample = cold_start(python, wanted[name], partial(event, name))
            if number:
                samples[name].append(sample)
        say(f"round {number} of {rounds}")
    return samples


def run(options: argparse.Namespace) -> tuple[dict[str, list[Sample]], str]:
    """The samples by function, and what the emulator said of one."""
    with contextlib.redirect_stdout(sys.stderr):  # the figures alone go to standard output
        python, minor = smoke.interpreter()
        if not options.no_build:
            smoke.build(options.arch, minor)
    own = prepared(python, minor)
    say("opening a shop on the local engines")
    from tests.functions import world  # noqa: PLC0415 - starts the engines

    world.open_shop()
    # Beside the build, where links to its files can be made.
    with tempfile.TemporaryDirectory(prefix="coldstart-", dir=smoke.BUILD.parent) as folder:
        functions = programs.built(Path(folder))
        chosen = options.functions.split(",") if options.functions else list(functions)
        some = {name: functions[name] for name in chosen}
        proof = report.RECEIVERS[0]
        answer = emulator.invoked(own, functions[proof], world.event_of(proof))
        told = f"{proof} answered {answer['statusCode']} under AWS's own emulator"
        some[BARE] = programs.bare(Path(folder), functions[chosen[0]])
        return measured(own, some, options.rounds), told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.coldstart.run", description=__doc__)
    parser.add_argument("--arch", choices=("arm64", "x86_64"), required=True)
    parser.add_argument("--rounds", type=int, default=report.FULL_ROUNDS)
    parser.add_argument("--functions", help="some of them, with commas between")
    parser.add_argument("--json", action="store_true", help="print figures for machines")
    parser.add_argument("--no-build", action="store_true", help="take what the last build left")
    options = parser.parse_args()
    if sys.platform != "linux":
        say("AWS ships its runtime client for Linux alone: run this in a Linux machine")
        return 1
    try:
        samples, told = run(options)
    except (ColdStartError, smoke.SmokeError) as error:
        say(str(error))
        return 1
    missed = [target for target in report.targets(samples) if not target.met]
    if options.json:
        figures = {name: [asdict(one) for one in own] for name, own in samples.items()}
        print(json.dumps({"samples": figures, "missed": [asdict(one) for one in missed]}, indent=1))
    else:
        print("\n".join([*report.text(samples), told]))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
