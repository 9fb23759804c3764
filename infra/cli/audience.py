"""`siyu segments audience`: how many members a query finds, or a file of them."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from infra.cli.checked import read_checked
from infra.cli.output import note, show
from siyu.api.audience import AudienceQuery
from siyu.api.audience_answers import PreviewResponse
from siyu.domain.audience import Query
from siyu.services.audience_rows import COLUMNS
from siyu.services.export_audience import write_file, write_parts
from siyu.services.preview_audience import preview
from siyu.services.read_audience import basis_of


def audience_command(options: Namespace, _now: datetime) -> int:
    read = read_checked(options.query, AudienceQuery, "POST /v1/console/audiences")
    if read is None:
        return 2
    query, out = read.to_query(), options.out
    if out is None:
        found = PreviewResponse.from_domain(preview(query, lambda: False))
        show(found.model_dump(mode="json"), as_json=options.json)
        return 0
    try:
        members = _write(query, out)
    except OSError as error:
        note(f"{out}: {error.strerror or 'cannot be written'}")
        return 2
    show({"file": str(out), "members": members, "bytes": out.stat().st_size}, as_json=options.json)
    note("it names members by their ids: treat it as personal data, and delete it in time")
    return 0


def _write(query: Query, out: Path) -> int:
    """Beside its place, so that it appears whole or not at all."""
    basis = basis_of(query.scheme)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        file = Path(folder, out.name)
        if out.suffix == ".parquet":
            members = write_file(query, basis, file).members
        else:
            parts = Path(folder, "parts")
            parts.mkdir()
            members = write_parts(query, basis, parts)
            with file.open("w", encoding="utf-8") as text:
                text.write(",".join(COLUMNS) + "\n")
                text.writelines(sorted(_lines(parts)))
        file.replace(out)
    return members


def _lines(parts: Path) -> Iterator[str]:
    for part in parts.iterdir():
        with part.open(encoding="utf-8") as text:
            yield from text
