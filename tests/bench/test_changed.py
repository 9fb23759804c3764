"""The product and plain Python that shares nothing with it find the same members, and the items are
those that the product stores."""

from __future__ import annotations

import base64
import gzip
import json
from functools import cache
from pathlib import Path

import pytest

from infra.bench import generate, layouts, members, ours, plain_python, race
from siyu.domain.label_book import LabelBook
from siyu.domain.schemes import DEFAULT
from siyu.storage import keys
from siyu.storage.items import AggregateItem

COUNT = 1_500


@cache
def evening(seed: int) -> tuple[list[layouts.Made], list[LabelBook]]:
    made = [one for part in members.chunks(COUNT) for one in generate.make((part, COUNT, seed))]
    _, entries = generate.last_night(made, seed)
    return made, [LabelBook({DEFAULT.name: entry}) for entry in entries]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_find_the_same_members(seed: int, tmp_path: Path) -> None:
    made, books = evening(seed)
    packed, plain, out = (tmp_path / name for name in ("packed.gz", "plain.gz", "out"))
    with gzip.open(packed, "wt") as one, gzip.open(plain, "wt") as other:
        for member, book in zip(made, books, strict=True):
            one.write(f'{{"Item":{layouts.packed_item(member, book.pack())}}}\n')
            entry = book.entries[DEFAULT.name]
            other.write(f'{{"Item":{layouts.plain_item(member, entry)}}}\n')
    out.write_text("".join(ours.changed(packed, generate.NIGHT)))
    mine = race.found(out)
    plain_python.run(plain, generate.NIGHT, out)
    assert mine == race.found(out)
    assert mine.changed > 0


def test_a_packed_item_is_as_the_product_stores_it() -> None:
    made, books = evening(1)
    for one, book in zip(made[:50], books, strict=False):
        item = AggregateItem(
            *keys.aggregate(one.member_id),
            z=one.z,
            b=base64.b64decode(one.b),
            lb=book.pack(),
            version=one.version,
        )
        stored = item.serialize()
        stored["b"] = {"B": one.b}
        assert json.loads(layouts.packed_item(one, book.pack())) == stored


def test_an_ordinary_item_has_22_attributes() -> None:
    made, books = evening(1)
    entry = books[0].entries[DEFAULT.name]
    assert len(json.loads(layouts.plain_item(made[0], entry))) == 22


def test_an_order_of_the_day_has_labelled_its_member() -> None:
    made, _ = evening(1)
    published, entries = generate.last_night(made, 1)
    moved = 0
    for one, entry in zip(made, entries, strict=True):
        book = LabelBook({DEFAULT.name: entry})
        after = generate.by_order(one, book, published)
        moved += after != book
        assert after == book or one.last_bucket == generate.TODAY
    assert moved > 0
