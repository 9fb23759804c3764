"""Starts guarded processes, keeps their logs, stops them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import LocalError

GUARD = Path(__file__).with_name("guard.py")
STOP_SECONDS = 10.0
TAIL_BYTES = 2000


@dataclass(frozen=True)
class Guarded:
    """A child under its guard; `log` receives everything that it prints."""

    name: str
    guard: subprocess.Popen[bytes]
    log: Path

    def alive(self) -> bool:
        return self.guard.poll() is None

    def check(self) -> None:
        """Raises LocalError with the end of the log when the child has ended by itself."""
        if not self.alive():
            raise LocalError(f"{self.name} ended (exit {self.guard.returncode}).\n{self.tail()}")

    def tail(self) -> str:
        data = self.log.read_bytes()[-TAIL_BYTES:] if self.log.exists() else b""
        return f"End of {self.log}:\n{data.decode(errors='replace')}"

    def kill(self) -> None:
        """Ends the child by SIGKILL, with no time to put anything in order."""
        self.guard.send_signal(signal.SIGUSR1)
        self.guard.wait()
        self.ask_to_stop()

    def ask_to_stop(self) -> None:
        if self.guard.stdin is not None:
            self.guard.stdin.close()


def start(name: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> Guarded:
    """Starts `command` so that it cannot outlive this process."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD), *command],
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=dict(env),
            start_new_session=True,
        )
    return Guarded(name, guard, log)


def stop_all(processes: Iterable[Guarded]) -> None:
    """Asks all at once, then waits: the slowest decides, not the sum."""
    listed = list(processes)
    for process in listed:
        process.ask_to_stop()
    for process in listed:
        try:
            process.guard.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.guard.terminate()
            process.guard.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(ready: Callable[[], bool], process: Guarded, seconds: float) -> None:
    """Polls `ready`; raises LocalError when the process ends first or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        process.check()
        if time.monotonic() > deadline:
            raise LocalError(f"{process.name} not ready in {seconds:.0f} s.\n{process.tail()}")
        time.sleep(0.005)
