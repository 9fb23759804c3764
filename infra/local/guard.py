"""Runs one child and ends it when the starter goes away, even by kill -9.

The starter holds the write end of this process's standard input. Its end, for whatever reason,
is an EOF here: the child's process group then gets SIGTERM and, after a grace time, SIGKILL.
A pipe works on Linux and macOS alike; PR_SET_PDEATHSIG is Linux only. SIGUSR1 kills the child at
once, with SIGKILL, as a machine that fails would.
This file is run as a script and imports the standard library only, so that it starts in 20 ms.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time

POLL_SECONDS = 0.25
GRACE_SECONDS = 6.0


def _starter_is_gone(starter: int) -> bool:
    """EOF on standard input, or a new parent: a forked worker may hold a copy of the pipe."""
    readable, _, _ = select.select([0], [], [], POLL_SECONDS)
    if readable and not os.read(0, 64):
        return True
    return os.getppid() != starter


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    # A group of zombies only answers EPERM on macOS.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _end(child: subprocess.Popen[bytes]) -> None:
    _signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    _signal_group(child, signal.SIGKILL)
    child.wait()


def main(command: list[str]) -> int:
    starter = os.getppid()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    signal.signal(signal.SIGUSR1, lambda *_: _signal_group(child, signal.SIGKILL))
    try:
        while child.poll() is None and not _starter_is_gone(starter):
            pass
    finally:
        code = child.poll()
        _end(child)
    return 0 if code is None else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
