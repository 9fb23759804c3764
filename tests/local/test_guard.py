"""No child outlives its starter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.errors import LocalError
from infra.local.process import start, stop_all, wait_until
from tests.local.support import eventually, runs

# A child that ignores SIGINT, with a child of its own; both write their process ids.
CHILD = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
path = pathlib.Path(sys.argv[1])
path.with_suffix('.new').write_text(f'{os.getpid()} {inner.pid}')
path.with_suffix('.new').rename(path)
time.sleep(600)
"""
STARTER = """
import os, pathlib, sys, time
from infra.local.process import start
command = [sys.executable, '-c', sys.argv[2], sys.argv[1]]
start('child', command, os.environ, pathlib.Path(sys.argv[3]))
if len(sys.argv) > 4 and os.fork() == 0:
    time.sleep(10)
    os._exit(0)
time.sleep(600)
"""


@pytest.mark.parametrize("forked", [False, True])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_with_a_killed_starter(
    tmp_path: Path, how: signal.Signals, forked: bool
) -> None:
    """Also when a forked worker of the starter lives on with a copy of the pipe."""
    pids = tmp_path / "pids"
    arguments = [str(pids), CHILD, str(tmp_path / "log"), *(["fork"] if forked else [])]
    starter = subprocess.Popen([sys.executable, "-c", STARTER, *arguments])
    try:
        assert eventually(pids.exists)
        children = [int(pid) for pid in pids.read_text().split()]
        assert all(runs(pid) for pid in children)
        starter.send_signal(how)
        starter.wait(5)
        assert eventually(lambda: not any(runs(pid) for pid in children))
    finally:
        starter.kill()
        starter.wait()


def test_stop_ends_the_child_and_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    command = [sys.executable, "-c", CHILD, str(pids)]
    process = start("child", command, os.environ, tmp_path / "log")
    wait_until(pids.exists, process, 10)
    children = [int(pid) for pid in pids.read_text().split()]
    stop_all([process])
    assert not process.alive()
    assert eventually(lambda: not any(runs(pid) for pid in children))


def test_a_child_that_ends_is_reported_with_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('no licence'); sys.exit(3)"]
    process = start("child", command, os.environ, tmp_path / "log")
    with pytest.raises(LocalError, match=r"child ended \(exit 3\)(.|\n)*no licence"):
        wait_until(lambda: False, process, 10)
    stop_all([process])
