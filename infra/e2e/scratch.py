"""Where ministack unpacks functions and layers: 50 MB for each that starts, and gone afterwards."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.storage import NEEDED_BYTES, SHARED_MEMORY


@contextmanager
def scratch(otherwise: Path, memory: Path = SHARED_MEMORY) -> Iterator[Path]:
    """A folder in memory where Linux has room for it, for a disk may take a minute to forget.

    What a run that was killed left in memory goes first.
    """
    if memory.is_dir() and shutil.disk_usage(memory).free > NEEDED_BYTES:
        own = f"siyu-e2e-{os.getuid()}-"
        for left in memory.glob(f"{own}*"):
            if not Path("/proc", left.name.removeprefix(own)).exists():
                shutil.rmtree(left, ignore_errors=True)
        folder = memory / f"{own}{os.getpid()}"
    else:
        folder = otherwise
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
