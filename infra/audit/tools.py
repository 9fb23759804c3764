"""Starts the tools, offline but for the one that asks for advisories, and reads what they found."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.audit.findings import AuditError, Finding
from infra.audit.planted import NAME as PLANTED

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".tools" / "audit" / "bin"
SAM_PYTHON = ROOT / ".tools" / "sam" / "bin" / "python"
CODE = ("functions", "layers/core/python", "infra")
SECONDS = 300.0
# Nobody listens at port 9 here, so a tool that would talk to its maker cannot.
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Looked:
    """What one tool found and how much it looked at; `unchecked` says why it could not look."""

    found: list[Finding]
    looked_at: str
    unchecked: str = ""


def offline(work: Path) -> dict[str, str]:
    """An environment without the network, an account, or a home with settings of somebody's."""
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE)
    kept = {"PATH": os.environ["PATH"], "HOME": str(work), "LANG": "C.UTF-8"}
    return {
        **kept,
        **proxies,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def start(
    command: Sequence[str | Path], env: Mapping[str, str], allowed: Iterable[int]
) -> subprocess.CompletedProcess[str]:
    """Runs one tool to its end. Raises AuditError when its exit code is not an allowed one."""
    ended = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if ended.returncode not in allowed:
        said = (ended.stderr or ended.stdout)[-2000:]
        raise AuditError(f"{Path(command[0]).name} failed (exit {ended.returncode}):\n{said}")
    return ended


def bandit(names: Sequence[str], work: Path) -> Looked:  # noqa: ARG001 - all tools are started alike
    """All tests over the code that ships and the tools beside it; a comment excuses nothing."""
    planted = work / f"{PLANTED}.py"
    options = ("--recursive", "--quiet", "--format", "json", "--ignore-nosec")
    ended = start([BIN / "bandit", *options, *CODE, planted], offline(work), {0, 1})
    result = json.loads(ended.stdout)
    if result["errors"]:
        raise AuditError(f"bandit could not read: {result['errors']}")
    found = [
        Finding(
            "bandit",
            issue["test_id"],
            f"{PLANTED}:code" if issue["filename"] == str(planted) else issue["filename"],
            f"line {issue['line_number']}: {issue['issue_text']}",
        )
        for issue in result["results"]
    ]
    return Looked(found, f"{result['metrics']['_totals']['loc']:,} lines")
