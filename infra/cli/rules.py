"""The file of referral rules that somebody has written."""

from __future__ import annotations

from pathlib import Path

from infra.cli.checked import read_checked
from siyu.api.programme import ProgrammeRequest
from siyu.api.programme_parts import Version
from siyu.services.publish_programme import Draft

ROUTE = "POST /v1/console/programmes, told in docs/referral-rules.md"


class _Tried(ProgrammeRequest):
    """Rules that are only tried need no name."""

    version: Version = "what-if"


def read_rules(path: Path) -> Draft | None:
    """The rules of a file; None when they were refused, which is told."""
    read = read_checked(path, ProgrammeRequest, ROUTE)
    return read.to_draft() if read else None


def read_tried(path: Path) -> Draft | None:
    """The same, of rules that may have no name yet."""
    read = read_checked(path, _Tried, ROUTE)
    return read.to_draft() if read else None
