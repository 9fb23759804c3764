"""The file of referral rules that somebody has written, by the API's own checks."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from infra.cli.output import note
from siyu.api.programme import ProgrammeRequest
from siyu.services.publish_programme import Draft

MAX_SHOWN = 20


def read_rules(path: Path) -> Draft | None:
    """The rules of a file; None when they were refused, which is told."""
    try:
        return ProgrammeRequest.model_validate_json(path.read_bytes()).to_draft()
    except OSError as error:
        note(f"{path}: {error.strerror or 'cannot be read'}")
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False)[:MAX_SHOWN]:
            where = ".".join(map(str, one["loc"]))
            note(f"{path}: {where + ': ' if where else ''}{one['msg']}")
        note("mend the file: it has the fields of POST /v1/console/programmes")
    return None
