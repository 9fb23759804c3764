"""Replays the year in order and shuffled, side by side, and compares what stands in the end.

`python -m tests.replay.run [--limit ROWS] [--seed N]`; exit code 0 when both are equal, byte for
byte.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from infra.local.engine import ROOT

SEED = 20261126
SHOWN = 5
# Before this row of the file no member has credit that was released and credit that was taken back.
LEAST = 1_400
QUIET = ("-W", "ignore:No application metrics to publish:UserWarning")


def run(limit: int, seed: int) -> int:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="siyu-replay-") as folder:
        files = {order: Path(folder, f"{order}.json") for order in ("ordered", "shuffled")}
        runs = [
            subprocess.Popen(
                [
                    sys.executable,
                    *QUIET,
                    "-m",
                    "tests.replay.player",
                    order,
                    str(limit),
                    str(seed),
                    file,
                ],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,  # the functions' log lines
            )
            for order, file in files.items()
        ]
        if any([one.wait() for one in runs]):  # noqa: C419 - wait for all of them
            print(f"seed {seed}: a run failed, see above", file=sys.stderr)
            return 1
        ordered, shuffled = (json.loads(file.read_text()) for file in files.values())
    different = [key for key in ordered | shuffled if ordered.get(key) != shuffled.get(key)]
    for key in different[:SHOWN]:
        print(f"{key}\n  in order: {ordered.get(key)}\n  shuffled: {shuffled.get(key)}")
    seconds = round(time.monotonic() - started)
    print(f"seed {seed}: {len(ordered):,} items compared, {len(different)} differ, {seconds} s")
    return int(bool(different))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.replay.run", description=__doc__)
    parser.add_argument("--limit", type=int, default=0, help="rows of the file, all by default")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    if options.limit and options.limit < LEAST:
        parser.error(f"--limit {options.limit} is too small to compare credits: {LEAST} or more")
    return run(options.limit, options.seed)


if __name__ == "__main__":
    sys.exit(main())
