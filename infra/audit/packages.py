"""pip-audit: all pinned packages against what is known of their mistakes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from infra.audit import planted
from infra.audit.findings import AuditError, Finding
from infra.audit.tools import BIN, ROOT, Looked, start

PIN = re.compile(r"^[a-z0-9][^\s=;]*==[^\s;\\]+", re.MULTILINE)
NOT_REACHED = Looked([], "", "no access to the advisory database")
# What pip-audit says when it cannot reach a database; its exit code is that of a finding.
UNREACHABLE = (
    "ConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "Could not connect",
    "ServiceError",
)


def pins() -> list[list[str]]:
    """All pins of requirements/*.txt in lists that name a package once, as pip-audit wants them.

    A pin for another system or another Python counts too: somebody installs it.
    """
    rounds: list[dict[str, str]] = []
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "requirements").glob("*.txt")]
    for pin in sorted({pin for text in texts for pin in PIN.findall(text)}):
        name = pin.partition("==")[0]
        free = next((names for names in rounds if name not in names), None)
        if free is None:
            free = {}
            rounds.append(free)
        free[name] = pin
    return [list(names.values()) for names in rounds]


def pip_audit(names: Sequence[str], work: Path) -> Looked:  # noqa: ARG001 - all tools are started alike
    """Every pinned package against a database of advisories, the first of two that answers."""
    (work / "cache").mkdir()
    return next(filter(None, (_all_of(service, work) for service in ("osv", "pypi"))), NOT_REACHED)


def _all_of(service: str, work: Path) -> Looked | None:
    """All pins at one database, but first a package known to be bad, to see that it answers."""
    found: list[Finding] = []
    wanted = [[planted.PACKAGE], *pins()]
    for number, packages in enumerate(wanted):
        answer = _ask(service, packages, work)
        if answer is None:
            return None
        mark = "" if number else f"{planted.NAME}:"
        found += [replace(finding, where=mark + finding.where) for finding in answer]
    return Looked(found, f"{sum(map(len, wanted[1:]))} pinned packages at {service}")


def _ask(service: str, wanted: Sequence[str], work: Path) -> list[Finding] | None:
    path = work / "pins.txt"
    path.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    options = ("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off")
    command: list[str | Path] = [
        BIN / "pip-audit",
        "-r",
        path,
        *options,
        "--vulnerability-service",
        service,
    ]
    ended = start([*command, "--cache-dir", work / "cache"], os.environ, {0, 1})
    return advisories(ended.stdout, ended.stderr)


def advisories(said: str, complained: str) -> list[Finding] | None:
    """What pip-audit's answer says; None when no database was reached.

    Where an index answers without advisories, pip-audit skips every package, says that no
    vulnerability is known and exits with 0. Raises AuditError when only some were looked up.
    """
    if not said.strip().startswith("{"):
        if any(word in complained for word in UNREACHABLE):
            return None
        raise AuditError(f"pip-audit failed:\n{complained[-2000:]}")
    packages = json.loads(said)["dependencies"]
    skipped = sorted(package["name"] for package in packages if "skip_reason" in package)
    if len(skipped) == len(packages):
        return None
    if skipped:
        raise AuditError(f"pip-audit did not look up {', '.join(skipped)}")
    return [
        Finding(
            "pip-audit", package["name"], fault["id"], f"{package['version']} is known to be bad"
        )
        for package in packages
        for fault in package["vulns"]
    ]
