"""An interpreter with AWS's runtime interface client beside it, and nothing else."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from infra.coldstart.runtime_api import ColdStartError
from infra.local.engine import ROOT

REQUIREMENTS = ROOT / "requirements" / "coldstart.txt"
FOLDER = ROOT / ".tools" / "coldstart"
STAMP = "siyu-stamp"


def prepared(python: str, minor: str) -> Path:
    """The Python of a virtual environment with the client, compiled as in Lambda's image.

    Raises ColdStartError when it cannot be made; there are wheels of the client for Linux alone.
    """
    home = FOLDER / minor
    own = home / "bin" / "python"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + python.encode()).hexdigest()
    stamp = home / STAMP
    if not stamp.is_file() or stamp.read_text() != wanted:
        _run(python, "-m", "venv", "--clear", "--without-pip", str(home))
        _run(
            *(str(ROOT / ".venv/bin/uv"), "pip", "install", "--quiet", "--no-config", "--no-deps"),
            *("--require-hashes", "--only-binary", ":all:", "--compile-bytecode"),
            *("--python", str(own), "-r", str(REQUIREMENTS)),
        )
        stamp.write_text(wanted)
    return own


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ColdStartError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
