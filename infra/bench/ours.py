"""The product's own night over an export of the items as it stores them: standard library alone.

`python -m infra.bench.ours EXPORT NIGHT OUT`: pages cut from the export's text go the way a page of
a query goes. What changed is written as `member,version,stage,group,aipl`.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from siyu.domain.label_book import LabelBook
from siyu.domain.schemes import DEFAULT
from siyu.domain.segments import Label
from siyu.services.draw_lines import draw
from siyu.services.place_members import Night, place_members, relabelled
from siyu.storage.columns import gather
from siyu.storage.pages import Page, page_of

PACKED_BYTES = 1 << 16


def pages(export: Path) -> Iterator[Page]:
    """The export in pages of some 200 kB, cut between lines."""
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    rest = b""
    with export.open("rb") as file:
        while packed := file.read(PACKED_BYTES):
            text, _, rest = (rest + unpack.decompress(packed)).rpartition(b"\n")
            yield page_of(text.decode())
    yield page_of((rest + unpack.flush()).decode())


def changed(export: Path, night: date) -> Iterator[str]:
    """One line for each member whose label changes."""
    columns = gather(pages(export), night, {None})
    lines = {DEFAULT.name: draw(columns, DEFAULT, night)}
    tonight = Night(night, night - timedelta(days=1), (DEFAULT,), {})
    for books in relabelled(columns, tonight, place_members(columns, tonight, lines)):
        for at, text in books.items():
            label = Label.of_code(LabelBook.unpack(text).code(DEFAULT.name) or "")
            member = f"{columns.member_ids[at]},{columns.versions[at]}"
            yield f"{member},{label.stage},{label.group or '-'},{label.aipl}\n"


if __name__ == "__main__":
    export_, night_, out = Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), Path(sys.argv[3])
    out.write_text("".join(changed(export_, night_)))
