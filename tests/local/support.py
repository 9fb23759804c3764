"""The fixture template and the pieces that several tests use."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

FIXTURE = Path(__file__).with_name("fixture") / "template.yaml"
TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"


def eventually(ready: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether `ready` came true within the time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def runs(pid: int) -> bool:
    """Whether a process exists (a zombie does not count)."""
    state = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
        return not (state.exists() and ") Z " in state.read_text())
    except (ProcessLookupError, FileNotFoundError):
        return False
