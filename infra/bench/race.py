"""Runs the contestants in turn on one core, and asserts that all of them find the same members."""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.engine import ROOT

OURS, DUCKDB, POLARS = "Siyu", "DuckDB", "Polars"
# Who, by which module, on which layout of the export.
CONTESTANTS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    OURS: ("ours", "packed", ()),
    DUCKDB: ("duckdb_engine", "plain", ("plain",)),
    "DuckDB, packed": ("duckdb_engine", "packed", ("packed",)),
    POLARS: ("polars_engine", "plain", ()),
    "pandas": ("pandas_engine", "plain", ()),
    "json + boto3": ("plain_python", "plain", ()),
}
# Where macOS tells bytes, Linux tells kilobytes.
RSS_UNIT = 1 if sys.platform == "darwin" else 1_024


class UnequalError(RuntimeError):
    """Two contestants found different members."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of a process from start to end: seconds of the processor and of the clock, bytes."""

    cpu: float
    wall: float
    rss: int


@dataclass(frozen=True, slots=True)
class Found:
    """How many members change their label, and a digest of who, and to what."""

    changed: int
    digest: str


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process and its children on one core, where the system has a way to."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def spend(module: str, *arguments: str) -> Sample:
    """Run one of our modules to its end. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", f"infra.bench.{module}", *arguments]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    began = time.monotonic()
    child = subprocess.Popen(command, cwd=ROOT, env=environment)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Sample(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * RSS_UNIT)


def found(out: Path) -> Found:
    """What a contestant wrote, in whatever order."""
    lines = sorted(out.read_bytes().splitlines())
    return Found(len(lines), hashlib.sha256(b"\n".join(lines)).hexdigest())


def race(folder: Path, night: str, rounds: int) -> tuple[dict[str, list[Sample]], Found]:
    """Everybody once a round. Raises UnequalError when they do not agree."""
    samples: dict[str, list[Sample]] = {name: [] for name in CONTESTANTS}
    agreed: Found | None = None
    out = folder / "changed.csv"
    with one_core():
        for _ in range(rounds):
            for name, (module, layout, arguments) in CONTESTANTS.items():
                export = str(folder / f"{layout}.jsonl.gz")
                samples[name].append(spend(module, *arguments, export, night, str(out)))
                mine = found(out)
                agreed = agreed or mine
                if mine != agreed:
                    raise UnequalError(f"{name}: {mine}, where {OURS} has {agreed}")
    if agreed is None:
        raise ValueError("no round was run")
    return samples, agreed


def median(samples: list[Sample]) -> Sample:
    """The medians, each by itself."""
    return Sample(
        statistics.median(one.cpu for one in samples),
        statistics.median(one.wall for one in samples),
        int(statistics.median(one.rss for one in samples)),
    )
