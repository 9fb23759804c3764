"""The night on a table: the product's, and the one that boto3 users would write, each on a table of
its own that nobody has written to."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.bench.race import one_core
from infra.local.engine import ROOT, start_engine
from infra.local.process import stop_all

Told = dict[str, Any]
SIDES = ("", "-wal", "-shm")
RUNS = 3


@dataclass(frozen=True, slots=True)
class Nights:
    """What was measured on tables: the product's night (`ours` by time, the median of three;
    `counted` by units), the nights after it (`again`: the same once more; `next`; `moved`: a line
    of frequency moved), and boto3's night."""

    ours: Told
    counted: Told
    again: Told
    next: Told
    moved: Told
    boto3: Told


def measure(folder: Path, work: Path, nights: tuple[str, str, str]) -> Nights:
    """Fill a table in each layout, and run every contestant on a copy."""
    tonight, tomorrow, after = nights
    packed, plain = (_filled(folder, work, layout) for layout in ("packed", "plain"))
    timed = {"nights": [tonight], "count": False, "move": None}
    runs = [_run(packed, work, "night", timed)[0] for _ in range(RUNS)]
    ours = sorted(runs, key=lambda told: told["cpu"])[RUNS // 2]
    plan = {"nights": [tonight, tonight, tomorrow, after], "count": True, "move": after}
    counted, again, next_, moved = _run(packed, work, "night", plan)
    (boto3,) = _run(plain, work, "scan_update", {"nights": [tonight], "count": True, "move": None})
    return Nights(ours, counted, again, next_, moved, boto3)


def _filled(folder: Path, work: Path, layout: str) -> Path:
    table = work / f"{layout}.db"
    made = [str(folder / "made.json")] if layout == "packed" else []
    with _engine(work, table) as endpoint:
        _child("load", endpoint, str(folder / f"{layout}.jsonl.gz"), *made)
    return table


def _run(table: Path, work: Path, module: str, plan: dict[str, Any]) -> list[Told]:
    copy = work / "copy.db"
    for side in SIDES:
        copy.with_name(copy.name + side).unlink(missing_ok=True)
        if (whole := table.with_name(table.name + side)).exists():
            shutil.copy(whole, copy.with_name(copy.name + side))
    with _engine(work, copy) as endpoint, one_core():
        told = _child(module, endpoint, json.dumps(plan))
    return [json.loads(line) for line in told.splitlines()]


def _child(module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"infra.bench.{module}", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def _engine(work: Path, table: Path) -> Iterator[str]:
    """Only dynoxide: the second choice does not count units like AWS."""
    engine = start_engine(work, table, "dynoxide")
    try:
        yield engine.endpoint
    finally:
        stop_all([engine.process])
