"""checkov's search for secrets in every text of the repository."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from infra.audit.findings import AuditError, Finding
from infra.audit.planted import NAME as PLANTED
from infra.audit.planted import plant_secret
from infra.audit.tools import BIN, ROOT, Looked, offline, start

# What a checkout has beside these was installed, built or written by a run.
TEXTS = (
    *(".ci", "docs", "events", "functions", "infra", "layers", "requirements", "tests"),
    *("Makefile", "README.md", "README.zh-CN.md", "pyproject.toml", "samconfig.toml"),
    "template.yaml",
)
MADE = shutil.ignore_patterns("__pycache__", "*.gz", "*.png")


def secrets(names: Sequence[str], work: Path) -> Looked:  # noqa: ARG001 - all tools are started alike
    """Keys, tokens and what looks like them, in code, tests, events and pages."""
    copy = work / "texts"
    copy.mkdir()
    for text in TEXTS:
        if (ROOT / text).is_dir():
            shutil.copytree(ROOT / text, copy / text, ignore=MADE)
        else:
            shutil.copy(ROOT / text, copy / text)
    plant_secret(copy)
    options = ("--framework", "secrets", "--enable-secret-scan-all-files", "--skip-download")
    env = {**offline(work), "CKV_IGNORE_HIDDEN_DIRECTORIES": "False"}
    ended = start([BIN / "checkov", "-d", copy, *options, "--output", "json"], env, {0, 1})
    results = json.loads(ended.stdout)["results"]
    if results["skipped_checks"] or results["parsing_errors"]:
        raise AuditError("checkov could not read a text, or one holds a skip of its own")
    found = [
        Finding(
            "secrets",
            check["check_id"],
            check["file_path"].lstrip("/").replace(f"{PLANTED}/", f"{PLANTED}:"),
            f"line {check['file_line_range'][0]}: {check['check_name']}",
        )
        for check in results["failed_checks"]
    ]
    return Looked(found, f"{sum(path.is_file() for path in copy.rglob('*'))} texts")
