"""`sam`, as a person runs it, and the one way in which the project builds its artefacts by it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.engine import ROOT
from infra.local.errors import LocalError
from infra.local.process import start, stop_all

SAM = ROOT / ".tools" / "sam" / "bin" / "sam"
# What builds for this machine; elsewhere than on Linux, Lambda's own packages would not import.
HERE = "linux" if sys.platform == "linux" else "native"


def minor_of(python: Path) -> str:
    """The minor version of an interpreter, such as 3.13."""
    show = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(show, capture_output=True, text=True, check=True).stdout.strip()


def build(folder: Path, arch: str, minor: str, platform: str, log: Path | None = None) -> None:
    """`sam build` of our template into a folder, for a processor, a minor version of Python, and
    a `platform` of layers/build.mk. What it prints goes to `log`, unless told otherwise beside the
    folder. Raises LocalError with the end of it."""
    settings = {"SIYU_ARCH": arch, "SIYU_PYTHON": minor, "SIYU_PLATFORM": platform}
    files = [f"--template-file={ROOT / 'template.yaml'}", f"--build-dir={folder}"]
    words = ["build", *files, "--parameter-overrides", f"Architecture={arch}"]
    run_sam(words, {**os.environ, **settings}, log or folder.with_name(f"{folder.name}.log"))


def run_sam(words: Sequence[str], env: Mapping[str, str], log: Path) -> None:
    """`sam` with these words, its output in a fresh `log`. It has children of its own; none of them
    outlives an interrupted run. Raises LocalError."""
    log.unlink(missing_ok=True)
    told = {**env, "SAM_CLI_TELEMETRY": "0"}
    process = start(f"sam {words[0]}", [str(SAM), *words], told, log)
    try:
        if process.guard.wait():
            raise LocalError(f"sam {words[0]} failed.\n{process.tail()}")
    finally:
        stop_all([process])
