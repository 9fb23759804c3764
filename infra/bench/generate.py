"""Writes the members of one evening: as an export in two layouts, and as items for a table.

`python -m infra.bench.generate MEMBERS SEED FOLDER export|table`. The labels on them are those of
the night before, drawn and placed by the product; in a table those who ordered since are labelled
by their order, as the product does it.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from infra.bench import environment, layouts, members
from infra.bench.layouts import Made, packed_item, plain_item, size_of

environment.settle_for_nobody()

from siyu.domain.figures import Figures  # noqa: E402
from siyu.domain.label_book import BY_NIGHT, BY_ORDER, Entry, LabelBook  # noqa: E402
from siyu.domain.published import Published  # noqa: E402
from siyu.domain.schemes import DEFAULT  # noqa: E402
from siyu.services.draw_lines import draw  # noqa: E402
from siyu.services.place_members import Night, place_members  # noqa: E402
from siyu.storage import schemes  # noqa: E402
from siyu.storage.columns import gather  # noqa: E402
from siyu.storage.pages import Page  # noqa: E402

NIGHT = date(2026, 11, 26)
LAST_NIGHT = NIGHT - timedelta(days=1)
TODAY = NIGHT.toordinal()
LEVEL = 4
SAMPLE = 1_000


def make(part: tuple[range, int, int]) -> list[Made]:
    """The members of a part."""
    return [layouts.made(one, TODAY) for one in members.people(*part, TODAY)]


def last_night(made: list[Made], seed: int) -> tuple[Published, list[Entry]]:
    """What the night before published, and the label of each member by it."""
    everyone = Page([one.z for one in made], ["-"] * len(made), [one.b for one in made], None)
    columns = gather([everyone], LAST_NIGHT, {None})
    lines = draw(columns, DEFAULT, LAST_NIGHT)
    before = LAST_NIGHT - timedelta(days=1)
    night = Night(LAST_NIGHT, before, (DEFAULT,), {})
    (placed,) = place_members(columns, night, {DEFAULT.name: lines})
    codes = {number: placed.placing.label(number).code for number in set(placed.numbers)}
    published = Published(LAST_NIGHT, before, LAST_NIGHT, ((DEFAULT, lines),))
    return published, list(_entries(made, [codes[number] for number in placed.numbers], seed))


def _entries(made: list[Made], codes: list[str], seed: int) -> Iterator[Entry]:
    """Labels that stand for some time, each after another one."""
    pick = random.Random(f"{seed} labels")
    for one, code in zip(made, codes, strict=True):
        began = min(max(one.last_bucket, one.joined_day), TODAY - 2)
        since = began + int(pick.random() * (TODAY - 1 - began))
        before = codes[int(pick.random() * len(codes))]
        cause = BY_ORDER if pick.random() < 0.6 else BY_NIGHT
        yield Entry(code, since, before if before != code else "a0A", cause)


def by_order(one: Made, book: LabelBook, published: Published) -> LabelBook:
    """The labels of a member, whose order of the day has changed them."""
    if one.last_bucket < TODAY:
        return book
    figures = Figures.unpack(base64.b64decode(one.b))
    return published.relabel(book, figures, one.joined_day, one.store)


def evening(count: int, seed: int) -> tuple[list[Made], Published, list[Entry]]:
    """Everybody, what the night before published, and the labels it left."""
    with Pool(2) as pool:
        parts = pool.imap(make, [(part, count, seed) for part in members.chunks(count)])
        made = [one for part in parts for one in part]
    return (made, *last_night(made, seed))


def write(count: int, seed: int, folder: Path, *, table: bool) -> dict[str, Any]:
    """Write both layouts; returns what was published the night before, and who ordered since."""
    made, published, entries = evening(count, seed)
    sizes = [size_of(plain_item(*pair)) for pair in zip(made[:SAMPLE], entries, strict=False)]
    with ExitStack() as stack:
        packed, plain = (
            stack.enter_context(gzip.open(folder / f"{layout}.jsonl.gz", "wt", LEVEL, "utf-8"))
            for layout in ("packed", "plain")
        )
        for one, entry in zip(made, entries, strict=True):
            book = LabelBook({DEFAULT.name: entry})
            if table:
                book = by_order(one, book, published)
            items = packed_item(one, book.pack()), plain_item(one, book.entries[DEFAULT.name])
            for file, item in zip((packed, plain), items, strict=True):
                file.write(f"{item}\n" if table else f'{{"Item":{item}}}\n')
    return {
        "members": count,
        "orders": sum(one.version - 1 for one in made),
        "ordered": sum(one.last_bucket == TODAY for one in made),
        "plain_bytes": sum(sizes) / len(sizes),
        "published": schemes.of_published(published),
    }


if __name__ == "__main__":
    members_, seed_, folder_, form = (
        int(sys.argv[1]),
        int(sys.argv[2]),
        Path(sys.argv[3]),
        sys.argv[4],
    )
    made_ = write(members_, seed_, folder_, table=form == "table")
    (folder_ / "made.json").write_text(json.dumps(made_))
