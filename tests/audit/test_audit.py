"""Findings against exceptions, and answers of tools that look like a pass and are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.audit import planted, run
from infra.audit.findings import AuditError, Exempt, Finding, exemptions, judge
from infra.audit.packages import PIN, advisories, pins
from infra.audit.tools import ROOT, Looked
from tests.docs.reading import DOCS, rows

REASON = "It is a bucket that everybody may read, the shop's pictures."
OPEN = Finding("checkov", "CKV_AWS_53", "Pictures", "the bucket is open")
FITTING = Exempt("checkov", "CKV_AWS_53", "Pictures", REASON)
PLANTED = Finding("checkov", "CKV_AWS_53", "planted:Open", "the bucket is open")
WIDE = Finding("checkov", "CKV_AWS_111", "planted:Wide", "writes everywhere")


def looked(*found: Finding) -> dict[str, Looked]:
    """What checkov found beside what was planted for it."""
    return {"checkov": Looked([*found, PLANTED, WIDE], "2 checks")}


def test_a_finding_with_a_reason_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.report(looked(OPEN), [FITTING]) == 0
    assert (
        "0 findings to mend, 1 excepted by 1 exceptions, 0 of them stale" in capsys.readouterr().out
    )


def test_a_finding_without_a_reason_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.report(looked(OPEN), []) == 1
    assert f"FOUND {OPEN}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "other",
    [
        Exempt("cfripper", "CKV_AWS_53", "Pictures", REASON),
        Exempt("checkov", "CKV_AWS_54", "Pictures", REASON),
        Exempt("checkov", "CKV_AWS_53", "Picture?Logs", REASON),
    ],
    ids=["another tool's", "another check's", "another resource's"],
)
def test_an_exception_holds_for_nothing_else(other: Exempt) -> None:
    verdict = judge([OPEN], [other])
    assert verdict.unexcused == [OPEN]
    assert len(verdict.stale) == 1


def test_an_exception_that_fits_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.report(looked(), [FITTING]) == 1
    assert f"STALE {FITTING}" in capsys.readouterr().out


def test_an_exception_of_a_tool_that_could_not_look_is_not_stale() -> None:
    excused = [Exempt("pip-audit", "pyyaml", "CVE-1", REASON)]
    assert run.report({"pip-audit": Looked([], "", "no network")}, excused) == 0


@pytest.mark.parametrize(("times", "unexcused", "stale"), [(1, 2, 0), (2, 0, 0), (3, 0, 1)])
def test_an_exception_covers_as_many_as_it_says(times: int, unexcused: int, stale: int) -> None:
    found = [Finding("bandit", "B311", "a.py", f"line {number}") for number in (1, 2)]
    verdict = judge(found, [Exempt("bandit", "B311", "*.py", REASON, times)])
    assert (len(verdict.unexcused), len(verdict.stale)) == (unexcused, stale)


def test_a_tool_that_overlooks_what_was_planted_did_not_look() -> None:
    with pytest.raises(AuditError, match="overlooked a planted mistake: CKV_AWS_111"):
        run.report({"checkov": Looked([PLANTED], "1 check")}, [])


def test_everything_planted_is_looked_for() -> None:
    assert planted.EXPECTED.keys() == run.TOOLS.keys()


@pytest.mark.parametrize(
    "entry",
    [
        'check = "B1"\nwhere = "a"',
        'check = "B1"\nwhere = "a"\nreason = "fine"',
        'reason = "A good one, of course."',
    ],
    ids=["no reason", "no real reason", "no place"],
)
def test_an_entry_without_a_reason_or_a_place_is_refused(entry: str, tmp_path: Path) -> None:
    path = tmp_path / "exceptions.toml"
    path.write_text(f"[[bandit]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(AuditError):
        exemptions(path)


def test_the_exceptions_can_be_read_and_name_tools_that_run() -> None:
    excused = exemptions(run.EXCEPTIONS)
    assert {exempt.tool for exempt in excused} <= run.TOOLS.keys()
    assert len(set(map(str, excused))) == len(excused) > 10


@pytest.mark.parametrize("tool", ["checkov", "cfripper", "bandit", "secrets"])
def test_the_page_lists_every_exception_and_no_other(tool: str) -> None:
    told = rows(DOCS / "security-checks.md", f"### {tool}")
    assert [tuple(cells) for cells in told] == [
        (f"`{one.check}`", f"`{one.where}`", str(one.times or "any"), one.reason)
        for one in exemptions(run.EXCEPTIONS)
        if one.tool == tool
    ]


def test_the_page_is_right_that_pip_audit_has_no_exception() -> None:
    assert [one for one in exemptions(run.EXCEPTIONS) if one.tool == "pip-audit"] == []


def test_the_templates_are_all_and_no_state_machine() -> None:
    names = [path.name for path in run.templates()]
    assert names[0] == "template.yaml"
    assert "segment_night.asl.yaml" not in names


def answer(*packages: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


KNOWN = {"name": "pyyaml", "version": "5.3", "vulns": [{"id": "PYSEC-2021-142"}]}
GOOD = {"name": "segno", "version": "1.6.6", "vulns": []}
SKIPPED = {"name": "boto3", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def test_an_advisory_is_a_finding() -> None:
    found = advisories(answer(GOOD, KNOWN), "")
    assert found is not None
    assert [(one.check, one.where) for one in found] == [("pyyaml", "PYSEC-2021-142")]


def test_a_database_that_knows_no_package_was_not_reached() -> None:
    """pip-audit says "No known vulnerabilities found" to it and exits with 0."""
    assert advisories(answer(SKIPPED), "No known vulnerabilities found") is None


def test_a_look_at_some_of_the_packages_is_an_error() -> None:
    with pytest.raises(AuditError, match="boto3"):
        advisories(answer(GOOD, SKIPPED), "")


def test_no_network_is_told_from_a_tool_that_broke() -> None:
    assert advisories("", "requests.exceptions.ConnectionError: Failed to resolve") is None
    with pytest.raises(AuditError):
        advisories("", "TypeError: unsupported operand")


def test_every_pin_is_asked_about_once() -> None:
    asked = pins()
    folder = ROOT / "requirements"
    every = {pin for path in folder.glob("*.txt") for pin in PIN.findall(path.read_text("utf-8"))}
    assert sorted(every) == sorted(pin for names in asked for pin in names)
    for names in asked:
        assert len({pin.partition("==")[0] for pin in names}) == len(names)
    assert len(every) > 100
