"""A file that somebody has written, by the API's own checks."""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from infra.cli.output import note
from siyu.api.scheme import SchemeRequest

MAX_SHOWN = 20
Body = TypeVar("Body", bound=BaseModel)


def read_scheme(path: Path) -> SchemeRequest | None:
    """The scheme of a file; None when it was refused, which is told."""
    return read_checked(path, SchemeRequest, "POST /v1/console/schemes")


def read_checked(path: Path, model: type[Body], route: str) -> Body | None:
    """The body that `route` would take; None when it was refused, which is told. Editors on Windows
    put a byte order mark before it."""
    try:
        return model.model_validate_json(path.read_bytes().removeprefix(BOM_UTF8))
    except OSError as error:
        note(f"{path}: {error.strerror or 'cannot be read'}")
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False)[:MAX_SHOWN]:
            where = ".".join(map(str, one["loc"]))
            note(f"{path}: {where + ': ' if where else ''}{one['msg']}")
        note(f"mend the file: it has the fields of {route}")
    return None
