"""`make audit`: five looks for mistakes in security; a finding is mended or has a reason.

`python -m infra.audit.run [--tool NAME] [--require-advisories]`. Exit code 1 on a finding without
an exception in exceptions.toml and on an exception that fits nothing, 2 when a tool could not look
or overlooked a planted mistake, 3 when advisories are required and no database can be reached.
Without that option a database out of reach is said and counted apart, and nothing else.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.audit import packages, planted, stacks, texts, tools
from infra.audit.findings import AuditError, Exempt, Finding, exemptions, judge

EXCEPTIONS = Path(__file__).with_name("exceptions.toml")
TOOLS: dict[str, Callable[[Sequence[str], Path], tools.Looked]] = {
    "checkov": stacks.checkov,
    "cfripper": stacks.cfripper,
    "bandit": tools.bandit,
    "secrets": texts.secrets,
    "pip-audit": packages.pip_audit,
}


def say(text: str) -> None:
    print(f"[audit] {text}", flush=True)


def templates() -> list[Path]:
    """The main template and those nested in it; a state machine's definition is none."""
    others = sorted((tools.ROOT / "infra").glob("*.yaml"))
    nested = [path for path in others if "\nResources:" in path.read_text(encoding="utf-8")]
    return [tools.ROOT / "template.yaml", *nested]


def is_planted(finding: Finding) -> bool:
    return finding.where.startswith(f"{planted.NAME}:")


def real(tool: str, looked: tools.Looked) -> list[Finding]:
    """Findings but for the planted. Raises AuditError when a planted mistake was overlooked."""
    seen = {finding.check for finding in looked.found if is_planted(finding)}
    overlooked = planted.EXPECTED[tool] - seen
    if overlooked and not looked.unchecked:
        raise AuditError(f"{tool} overlooked a planted mistake: {', '.join(sorted(overlooked))}")
    return [finding for finding in looked.found if not is_planted(finding)]


def look(names: Sequence[str], work: Path) -> dict[str, tools.Looked]:
    """Lets the tools look, two at a time."""

    def timed(tool: str) -> tools.Looked:
        began = time.monotonic()
        looked = TOOLS[tool](files, work)
        seconds = f"{time.monotonic() - began:.0f} s"
        if looked.unchecked:
            say(f"{tool}: NOT CHECKED: {looked.unchecked} ({seconds})")
        else:
            say(f"{tool}: {looked.looked_at} ({seconds})")
        return looked

    planted.plant(work)
    sources = [*templates(), work / f"{planted.NAME}.yaml"]
    files = [source.stem for source in sources]
    if {"checkov", "cfripper"} & set(names):
        stacks.transform(sources, work)
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(timed, names), strict=True))


def report(looked: dict[str, tools.Looked], excused: Sequence[Exempt]) -> int:
    """Prints what is to be done; 1 when something is."""
    checked = [tool for tool, result in looked.items() if not result.unchecked]
    found = [finding for tool in checked for finding in real(tool, looked[tool])]
    asked = [exempt for exempt in excused if exempt.tool in checked]
    verdict = judge(found, asked)
    for finding in verdict.unexcused:
        say(f"FOUND {finding}")
    for stale in verdict.stale:
        say(f"STALE {stale}")
    excepted = len(set(found)) - len(verdict.unexcused)
    say(
        f"{len(checked)} of {len(looked)} tools looked: {len(verdict.unexcused)} findings to mend, "
        f"{excepted} excepted by {len(asked)} exceptions, {len(verdict.stale)} of them stale"
    )
    return 0 if verdict.clean else 1


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--tool", choices=TOOLS, action="append", help="this one alone")
    parser.add_argument(
        "--require-advisories", action="store_true", help="fail where pip-audit cannot look"
    )
    given = parser.parse_args(arguments)
    try:
        excused = exemptions(EXCEPTIONS)
        with tempfile.TemporaryDirectory(prefix="siyu-audit-") as work:
            looked = look(given.tool or list(TOOLS), Path(work))
        code = report(looked, excused)
    except AuditError as error:
        say(f"ERROR {error}")
        return 2
    missed = given.require_advisories and any(result.unchecked for result in looked.values())
    return 3 if missed and code == 0 else code


if __name__ == "__main__":
    sys.exit(main())
