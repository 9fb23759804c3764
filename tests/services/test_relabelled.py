"""Whose labels change, seen at a glance for most: the same as taking every book apart."""

from __future__ import annotations

import tracemalloc
from array import array
from datetime import date, timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.cut_points import CutPoints
from siyu.domain.label_book import BY_NIGHT, BY_ORDER, Entry, LabelBook
from siyu.domain.schemes import DEFAULT, Scheme
from siyu.services.place_members import Night, place_members, relabelled
from siyu.storage.columns import Columns
from siyu.storage.pages import page_of

TODAY = date(2026, 11, 22)
DAY = TODAY.toordinal()
NORTH = Scheme("north", stores=("N1",))
SCHEMES = (DEFAULT, NORTH)
NIGHT = Night(TODAY, TODAY - timedelta(days=1), SCHEMES, {})
LINES = {one.name: CutPoints(one.name, 1, TODAY, 0) for one in SCHEMES}

codes = st.sampled_from(["a0A", "b0I", "c0P", "d0L", "k0L", "l0P", "---"])
entries = st.builds(
    Entry,
    codes,
    st.integers(DAY - 3, DAY + 1),
    codes,
    st.sampled_from([BY_ORDER, BY_NIGHT]),
)
books = st.dictionaries(st.sampled_from(["default", "north", "alpha"]), entries).map(LabelBook)
people = st.tuples(
    books,
    st.sampled_from(["N1", "S1"]),
    st.sampled_from([0, DAY - 1, DAY - 200, DAY - 400]),
    st.integers(1, 3),
)


def columns_of(members: list[tuple[LabelBook, str, int, int]]) -> Columns:
    columns = Columns(windows={None: (array("q"), array("q"))})
    orders, net = columns.windows[None]
    for number, (book, store, last_day, count) in enumerate(members):
        columns.member_ids.append(f"m{number}")
        columns.versions.append(1)
        columns.joined_days.append(DAY - 500)
        columns.stores.append(store)
        columns.last_days.append(last_day)
        columns.books.append(book.pack())
        orders.append(count if last_day else 0)
        net.append(100 * count if last_day else 0)
    return columns


@given(st.lists(people, max_size=8))
def test_those_change_whose_settled_label_is_another(
    members: list[tuple[LabelBook, str, int, int]],
) -> None:
    columns = columns_of(members)
    placed = place_members(columns, NIGHT, LINES)
    expected = {}
    for at, (book, store, _, _) in enumerate(members):
        after = book
        for one in placed:
            if one.scheme.covers(store):
                code = one.placing.label(one.numbers[one.places.index(at)]).code
                before = NIGHT.last_night.toordinal()
                after = after.relabelled(one.scheme.name, code, DAY, before, BY_NIGHT)
        if after != book:
            expected[at] = after.pack()
    with patch("siyu.services.place_members.MEMBERS_AT_ONCE", 3):
        slices = list(relabelled(columns, NIGHT, placed))
    assert all(len(one) <= 3 for one in slices)
    assert {at: text for one in slices for at, text in one.items()} == expected
    assert sum(map(len, slices)) == len(expected)


def test_a_page_whose_items_lack_buckets_is_not_taken_for_one_that_has_them() -> None:
    page = page_of('{"z":{"S":"a"},"lb":{"S":"-"}},{"z":{"S":"b"},"lb":{"S":"-"},"b":{"B":"AQ=="}}')
    assert len(page.buckets) == len(page.rows) == 2
    with pytest.raises(ValueError, match="without day buckets"):
        _ = page.buckets[0]


def test_what_is_held_of_a_first_night_does_not_grow_with_the_books_of_everybody() -> None:
    members = 5_000
    columns = columns_of([(LabelBook(), "N1", DAY - 1, 1)] * members)
    tracemalloc.start()
    with patch("siyu.services.place_members.MEMBERS_AT_ONCE", 100):
        changed = sum(map(len, relabelled(columns, NIGHT, place_members(columns, NIGHT, LINES))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert changed == members
    assert peak < 200 * members
