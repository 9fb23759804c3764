"""The file of referral rules that somebody has written."""

from __future__ import annotations

from pathlib import Path

from infra.cli.checked import read_checked
from siyu.api.programme import ProgrammeRequest
from siyu.services.publish_programme import Draft


def read_rules(path: Path) -> Draft | None:
    """The rules of a file; None when they were refused, which is told."""
    read = read_checked(path, ProgrammeRequest, "POST /v1/console/programmes")
    return read.to_draft() if read else None
