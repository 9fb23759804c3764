"""`sam build` and `sam deploy`, as a person runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra.e2e.account import PYTHON, Account
from infra.local.engine import ROOT
from infra.local.errors import LocalError
from infra.local.process import Guarded, start, stop_all
from infra.local.stack import APP_ID

STACK = "siyu-e2e"
SAM = ROOT / ".tools" / "sam" / "bin" / "sam"
BUILT = ROOT / ".aws-sam" / "e2e"
# As in production, where ministack knows what they switch on.
SWITCHES = ("AlarmEmail=e2e@example.invalid", "ReservedConcurrency=true")


def minor_of(python: Path) -> str:
    """The minor version of the interpreter that will run the functions, such as 3.13."""
    show = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(show, capture_output=True, text=True, check=True).stdout.strip()


def build(arch: str, logs: Path) -> None:
    """For this computer's processor and that interpreter. Raises LocalError."""
    settings = {
        "SAM_CLI_TELEMETRY": "0",
        "SIYU_ARCH": arch,
        "SIYU_PYTHON": minor_of(PYTHON),
        "SIYU_PLATFORM": "linux" if sys.platform == "linux" else "native",
    }
    files = [f"--template-file={ROOT / 'template.yaml'}", f"--build-dir={BUILT}"]
    words = ["build", *files, "--parameter-overrides", f"Architecture={arch}"]
    _run("sam-build", words, {**os.environ, **settings}, logs)


def deploy(account: Account, arch: str, logs: Path) -> None:
    """With samconfig.toml, whose default section holds as for a person. Raises LocalError."""
    parameters = [f"Architecture={arch}", f"WeChatAppId={APP_ID}", *SWITCHES]
    # Beside a template of its own folder `sam` would look for the file there.
    files = [
        f"--config-file={ROOT / 'samconfig.toml'}",
        f"--template-file={BUILT / 'template.yaml'}",
    ]
    words = ["deploy", *files, "--stack-name", STACK, "--parameter-overrides", *parameters]
    _run("sam-deploy", words, account.env, logs)


def _run(name: str, words: Sequence[str], env: Mapping[str, str], logs: Path) -> None:
    process = start(name, [str(SAM), *words], env, logs / f"{name}.log")
    with _ending(process):
        if process.guard.wait():
            raise LocalError(f"sam {words[0]} failed.\n{process.tail()}")


@contextmanager
def _ending(process: Guarded) -> Iterator[None]:
    """A build has children of its own; none of them outlives an interrupted run."""
    try:
        yield
    finally:
        stop_all([process])
