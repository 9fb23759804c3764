"""Findings of the tools, the exceptions to them, and what one says of the other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

FIELDS = {"check", "where", "reason", "times"}
# A reason shorter than this is none.
REASON_CHARS = 20


class AuditError(Exception):
    """A tool did not look, or the exceptions cannot be read; neither is a finding."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that one tool holds against one place: a resource, a file or a package."""

    tool: str
    check: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.tool} {self.check} {self.where}: {self.text}"


@dataclass(frozen=True, slots=True)
class Exempt:
    """Findings that stay, and why; `where` may hold * and ?, `times` says how many there are."""

    tool: str
    check: str
    where: str
    reason: str
    times: int | None = None

    def covers(self, finding: Finding) -> bool:
        same = (self.tool, self.check) == (finding.tool, finding.check)
        return same and fnmatchcase(finding.where, self.where)

    def __str__(self) -> str:
        return f"{self.tool} {self.check} {self.where}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is left to mend: findings nobody gave a reason for, exceptions that no longer fit."""

    unexcused: list[Finding]
    stale: list[str]

    @property
    def clean(self) -> bool:
        return not self.unexcused and not self.stale


def exemptions(path: Path) -> list[Exempt]:
    """Reads the exceptions: a table for each tool. Raises AuditError on one without a reason."""
    return [
        _exempt(tool, entry)
        for tool, entries in tomllib.loads(path.read_text(encoding="utf-8")).items()
        for entry in entries
    ]


def _exempt(tool: str, entry: dict[str, object]) -> Exempt:
    unknown = entry.keys() - FIELDS
    check, where, reason = (
        str(entry.get(name, "")).strip() for name in ("check", "where", "reason")
    )
    times = entry.get("times")
    if unknown or not check or not where or not (times is None or isinstance(times, int)):
        raise AuditError(f"cannot read this exception of {tool}: {entry}")
    if len(reason) < REASON_CHARS:
        raise AuditError(f"an exception without a reason: {tool} {check} {where}")
    return Exempt(tool, check, where, reason, times)


def judge(found: Iterable[Finding], excused: Iterable[Exempt]) -> Verdict:
    """Holds findings against exceptions. One that states how many it covers, covers no more."""
    findings = sorted(set(found))
    forgiven: set[Finding] = set()
    stale: list[str] = []
    for exempt in excused:
        covered = [finding for finding in findings if exempt.covers(finding)]
        wanted = exempt.times
        if not covered or (wanted is not None and len(covered) < wanted):
            stale.append(
                f"{exempt}: covers {len(covered)} of {wanted or 'any'}; take it out or lower it"
            )
        if wanted is None or len(covered) <= wanted:
            forgiven.update(covered)
    return Verdict([finding for finding in findings if finding not in forgiven], stale)
