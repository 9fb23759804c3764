"""checkov and cfripper: the templates, in the form that CloudFormation gets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from infra.audit.findings import AuditError, Finding
from infra.audit.tools import BIN, ROOT, SAM_PYTHON, Looked, offline, start


def transform(templates: Iterable[Path], work: Path) -> None:
    """Writes work/<name>.json of each template, as CloudFormation gets it."""
    script = ROOT / "infra" / "audit" / "transform.py"
    start([SAM_PYTHON, script, work, *templates], offline(work), {0})


def place(file: str, name: str) -> str:
    """A resource of the main template by its name, one of another with the template's in front."""
    return name if file == "template" else f"{file}:{name}"


def checkov(names: Sequence[str], work: Path) -> Looked:
    """All checks for CloudFormation over the deployed form of the templates."""
    files = [part for name in names for part in ("-f", str(work / f"{name}.json"))]
    options = ("--framework", "cloudformation", "--skip-download", "--output", "json")
    ended = start([BIN / "checkov", *files, *options], offline(work), {0, 1})
    results = json.loads(ended.stdout).get("results", {})
    if results.get("parsing_errors", True) or results["skipped_checks"]:
        raise AuditError("checkov could not read a template, or one holds a skip of its own")
    looked = [*results["passed_checks"], *results["failed_checks"]]
    found = [
        Finding(
            "checkov",
            check["check_id"],
            place(Path(check["file_path"]).stem, check["resource"].rpartition(".")[2]),
            check["check_name"],
        )
        for check in results["failed_checks"]
    ]
    return Looked(found, f"{len(looked)} checks of {len(names) - 1} templates")


def parameters(names: Sequence[str], work: Path, switches: str) -> Path:
    """Writes values of all parameters: switches as told, else defaults, else a word."""
    values: dict[str, Any] = {}
    for name in names:
        template = json.loads((work / f"{name}.json").read_text(encoding="utf-8"))
        for key, field in template.get("Parameters", {}).items():
            switch = "true" in map(str, field.get("AllowedValues", []))
            values[key] = switches if switch else field.get("Default", "x")
    path = work / f"parameters-{switches}.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


def cfripper(names: Sequence[str], work: Path) -> Looked:
    """All rules over the deployed form, with every switch of the templates off and then on."""
    found: set[Finding] = set()
    files = [work / f"{name}.json" for name in names]
    for switches in ("false", "true"):
        values = parameters(names, work, switches)
        options = ("--format", "json", "--logging", "ERROR", "--resolve", "--resolve-parameters")
        ended = start([BIN / "cfripper", *files, *options, values], offline(work), {0, 2})
        for name, line in zip(names, ended.stdout.splitlines(), strict=True):
            found |= set(_failures(name, json.loads(line)))
    return Looked(sorted(found), f"{len(names) - 1} templates, switches off and on")


def _failures(name: str, result: dict[str, Any]) -> Iterator[Finding]:
    if result["exceptions"]:
        raise AuditError(f"cfripper could not finish {name}: {result['exceptions']}")
    for failure in result["failures"]:
        for resource in failure["resource_ids"]:
            yield Finding("cfripper", failure["rule"], place(name, resource), failure["reason"])
