"""Damaged files: every row is read or told, and a broken one takes no other with it."""

from __future__ import annotations

import csv
import gzip
import io
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from siyu.channels.csv_rows import CUT_OFF, MAX_LINE_CHARS, NO_CSV, UnusableFileError, open_text
from siyu.channels.day_file import Record, records
from tests.channels.day_files import GOOD, HEADER, bad, good, read, stream

WEIRD = st.text(st.sampled_from('ab1,"\r\n\0;é\ufeff'), max_size=60).map(str.encode) | st.binary()


@given(WEIRD, st.booleans(), st.booleans())
@example(b"\x1f\x8b", False, False)
def test_no_bytes_crash_it(content: bytes, headed: bool, packed: bool) -> None:
    whole = HEADER.encode() + b"\n" + content if headed else content
    try:
        found = read(gzip.compress(whole) if packed else whole)
    except UnusableFileError:
        assert not headed
    else:
        assert all(bool(one.event) is not bool(one.reason) for one in found)
        assert len(found) <= whole.count(b"\n")


@given(st.lists(WEIRD, max_size=8))
@example([b"\r,"])
def test_whatever_stands_between_good_rows_loses_none_of_them(between: list[bytes]) -> None:
    """Without quotation marks a line is a row, and each that is not blank is told of once."""
    lines = [HEADER.encode()]
    for number, junk in enumerate(between):
        lines += [junk.replace(b'"', b"'"), GOOD.format(number).encode()]
    whole = b"\n".join(lines)
    found = read(whole)
    assert {f"o{number}" for number in range(len(between))} <= set(good(found))
    assert all(one.line < other.line for one, other in pairwise(found))
    rows = list(enumerate(whole.decode("utf-8", "surrogateescape").split("\n"), 1))[1:]
    filled = {line for line, row in rows if "".join(row.split()).replace(",", "")}
    assert filled <= {one.line for one in found} <= {line for line, row in rows if row}


@given(st.lists(st.lists(st.text(max_size=9), min_size=4, max_size=4), max_size=12))
def test_as_many_records_as_rows_that_are_not_blank(cells: list[list[str]]) -> None:
    text = io.StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_ALL)
    table.writerows([HEADER.split(","), *cells])
    expected = sum(any(cell.strip() for cell in one) for one in cells)
    content = text.getvalue().encode("utf-8", "replace")
    if all(sum(cell.count("\n") for cell in one) < 20 for one in cells):
        assert len(read(content)) == expected


def test_one_spoilt_row_is_one_spoilt_row() -> None:
    lines = [
        HEADER,
        'paid,"o1,2026-11-22,1',
        GOOD.format(2),
        'paid,"o"3,2026-11-22,1',
        GOOD.format(4) + ",5",
        "paid,o5",
        GOOD.format(6),
        "x" * (MAX_LINE_CHARS * 2),
        GOOD.format(7),
    ]
    found = read("\n".join(lines).encode() + b"\npaid,\xc4\xe3,2026-11-22,1\n")
    assert good(found) == ["o2", "o6", "o7"]
    assert bad(found) == {
        2: NO_CSV,
        4: NO_CSV,
        5: "5 cells, but 4 columns",
        6: "2 cells, but 4 columns",
        8: "the row has more than 65,536 characters",
        10: "the row is not UTF-8 text",
    }


def test_a_compressed_file_that_was_cut_off_gives_its_rows_and_is_told() -> None:
    whole = gzip.compress("\n".join([HEADER, *map(GOOD.format, range(90_000))]).encode())
    cut = stream(whole[: len(whole) // 2])
    found: list[Record] = []
    with pytest.raises(UnusableFileError, match=CUT_OFF):
        found.extend(records(open_text(cut), "CNY"))
    assert len(found) > 1_000


def test_rows_between_two_stray_quotation_marks_are_read() -> None:
    text = "\n".join([HEADER, 'paid,o1,2026-11-22,"', GOOD.format(2), '",5,6', GOOD.format(3)])
    found = read(text)
    assert good(found) == ["o2", "o3"]
    assert bad(found) == {2: NO_CSV, 4: NO_CSV}
