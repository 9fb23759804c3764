"""Write the file of an audience: everybody who belongs to it, in the order of their ids."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from siyu.aws import needs
from siyu.domain.asked_audience import Audience, Basis
from siyu.domain.audience import Query
from siyu.services.audience_rows import COLUMNS, ORDER, lines
from siyu.services.read_audience import SHARDS, look, read_each
from siyu.storage import audience_files, audiences, parquet

# Its storage serves links too, which need no client before somebody asks for one.
needs("s3")


@dataclass(frozen=True, slots=True)
class Written:
    """How many members a file holds, and its size in bytes."""

    members: int
    size: int


def export_audience(audience_id: str, now: datetime) -> Written | None:
    """Write the files of an audience, and note that it is done; None when it is gone meanwhile, or
    has ended.

    Again it writes the same objects anew, with what is true of the members then. Whatever goes
    wrong is noted and raised, so that the queue delivers again; that it began is noted before, for
    a function that is killed notes nothing.
    """
    asked = audiences.find(audience_id)
    if asked is None or asked.ends_at <= now:
        return None
    audiences.begin(audience_id)
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "members.parquet")
            written = write_file(Query.of_body(asked.query), asked.basis, file)
            audience_files.put(audience_id, file, _about(asked, written))
    except Exception as error:
        audiences.fail(audience_id, type(error).__name__)
        raise
    audiences.finish(audience_id, written.members, written.size)
    return written


def write_file(query: Query, basis: Basis, into: Path) -> Written:
    """Write the members of an audience as Parquet; scratch space is taken beside `into`."""
    with tempfile.TemporaryDirectory(dir=into.parent) as folder:
        members = write_parts(query, basis, Path(folder))
        parquet.write(Path(folder), COLUMNS, ORDER, into)
    return Written(members, into.stat().st_size)


def write_parts(query: Query, basis: Basis, folder: Path) -> int:
    """Write them as text, a file for each shard; returns how many there are."""
    count = 0
    for shard, columns in zip(SHARDS, read_each(SHARDS, basis), strict=True):
        members, places = look(columns, query, basis)
        with (folder / f"{shard:02}.csv").open("w", encoding="utf-8") as part:
            part.writelines(lines(columns, members, places, basis))
        count += len(places)
    return count


def _about(asked: Audience, written: Written) -> dict[str, object]:
    """What the file beside the members says of them."""
    return {
        "id": asked.audience_id,
        "query": asked.query,
        "scheme": asked.basis.scheme.name,
        "scheme_version": asked.basis.scheme.version,
        "as_of": asked.basis.as_of.isoformat(),
        "asked_by": asked.asked_by,
        "asked_at": asked.asked_at.isoformat(),
        "members": written.members,
    }
