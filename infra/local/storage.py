"""Where a run keeps its files: the data directory, and a fast place for big replays."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from pathlib import Path
from typing import TextIO

from infra.local.errors import LocalError

TABLE_FILE = "table.db"
LOCK_FILE = "lock"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of our own with mode 0700 is made in it
NEEDED_BYTES = 2 * 1024**3


def lock(data_dir: Path) -> TextIO:
    """Holds the directory for one run until it is closed; ends with the process in any case.

    Raises LocalError when another run has it: both would write one table.
    """
    held = (data_dir / LOCK_FILE).open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise LocalError(
            f"another run uses {data_dir}: stop it first, or give this one a folder of its own"
            " (--data DIR)"
        ) from None
    return held


def fast_db_path(data_dir: Path) -> Path:
    """A database in memory-backed storage where Linux has it, else in the data directory.

    The engine syncs every write to disk, which limits a replay to the disk's few hundred a second.
    """
    if not SHARED_MEMORY.is_dir() or shutil.disk_usage(SHARED_MEMORY).free < NEEDED_BYTES:
        return data_dir / TABLE_FILE
    prefix = f"siyu-{os.getuid()}-"
    for left in SHARED_MEMORY.glob(f"{prefix}*"):
        if not _runs(int(left.name.removeprefix(prefix))):
            shutil.rmtree(left, ignore_errors=True)
    own = SHARED_MEMORY / f"{prefix}{os.getpid()}"
    own.mkdir(mode=0o700, exist_ok=True)
    return own / TABLE_FILE


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def keep(db_path: Path, data_dir: Path) -> None:
    """Copies a database made elsewhere into the data directory and removes the original."""
    kept = data_dir / TABLE_FILE
    if db_path == kept or not db_path.exists():
        return
    fresh = kept.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    source, target = sqlite3.connect(db_path), sqlite3.connect(fresh)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
    for side in ("-wal", "-shm"):
        kept.with_name(kept.name + side).unlink(missing_ok=True)
    fresh.replace(kept)
    for name in (db_path, *(db_path.with_name(db_path.name + side) for side in ("-wal", "-shm"))):
        name.unlink(missing_ok=True)
