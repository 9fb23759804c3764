"""`make bench-segmentation`: a night against what one would use instead, in one run.

`python -m infra.bench.run [--members N] [--table-members N] [--rounds N] [--seed N] [--json]
[--curve]`. Exit code 1 when contestants disagree, a second run of a night writes, or a target is
missed. Targets are ratios of figures of the same run; below a million members on the export, or two
hundred thousand on the table, they are loose.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from infra.bench import curve, prices, report
from infra.bench.race import race, spend
from infra.bench.report import Race, Result
from infra.bench.tables import measure
from infra.local.storage import fast_db_path

NIGHT = date(2026, 11, 26)
NIGHTS = tuple((NIGHT + timedelta(days=days)).isoformat() for days in range(3))
SEED = 20261126


def made(folder: Path, count: int, seed: int, form: str) -> dict[str, Any]:
    """Make the members of an export or of a table; what the generator told of them."""
    say(f"making {count:,} members ({form})")
    folder.mkdir()
    spend("generate", str(count), str(seed), str(folder), form)
    told: dict[str, Any] = json.loads((folder / "made.json").read_text())
    return told


def raced(members: int, rounds: int, seed: int, work: Path) -> Race:
    """All contestants over an export."""
    made(work / "export", members, seed, "export")
    say(f"all contestants on the export, {rounds} rounds")
    return Race(members, *race(work / "export", NIGHTS[0], rounds))


def tabled(members: int, seed: int, race_: Race | None, work: Path) -> Result:
    """Nights on tables. The engine syncs every write to disk: in memory it does not wait for it."""
    told = made(work / "table", members, seed, "table")
    say("nights on tables")
    fast = fast_db_path(work).parent
    try:
        nights = measure(work / "table", fast, (NIGHTS[0], NIGHTS[1], NIGHTS[2]))
    finally:
        if fast != work:
            shutil.rmtree(fast)
    return Result(race_, members, told["ordered"] / members, told["plain_bytes"], nights)


def say(text: str) -> None:
    print(f"[bench] {text}", file=sys.stderr, flush=True)


def as_json(result: Result) -> dict[str, Any]:
    """All of it, for machines."""
    dated = prices.load()
    return {
        **asdict(result),
        "prices": asdict(dated),
        "curve": curve.table(result.counted(), dated),
        "targets": [
            {**asdict(one), "bound": one.bound, "met": one.met}
            for one in report.targets(result, dated)
        ],
        "failures": list(report.failures(result)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.bench.run", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000, help="on the export")
    parser.add_argument("--table-members", type=int, help="on the table, 200,000 at the most")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="print figures for machines")
    parser.add_argument(
        "--curve", action="store_true", help="no race: nights on tables and the costs"
    )
    options = parser.parse_args()
    on_table = options.table_members or min(options.members, report.FULL_TABLE)
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as folder:
        work, seed = Path(folder), options.seed
        race_ = None if options.curve else raced(options.members, options.rounds, seed, work)
        result = tabled(on_table, seed, race_, work)
    dated = prices.load()
    wrong = list(report.failures(result))
    missed = [one.what for one in report.targets(result, dated) if not one.met]
    lines = [json.dumps(as_json(result), indent=1)] if options.json else report.text(result, dated)
    print("\n".join(lines))
    for what in wrong:
        print(f"WRONG: {what}")
    return int(bool(wrong or missed))


if __name__ == "__main__":
    sys.exit(main())
