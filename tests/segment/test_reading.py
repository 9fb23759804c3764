"""Reading a file of orders: by column and one by one is the same, and bad rows stop nothing."""

from __future__ import annotations

import gzip
import io
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.codes.table import UnusableFileError
from infra.demo.reader import read_orders
from infra.segment import reading
from infra.segment.book import Book
from infra.segment.cells import DAY_MICROSECONDS, instant_of
from infra.segment.reading import read_book
from tests.segment.shop import BAD_ORDERS, HEADER, REAL_ORDERS, SAMPLE, read, write

GOOD = "1,order,,ana,2024-03-01 09:00,12000"
cells = st.tuples(
    st.sampled_from(["1", "2", "3", "4", " 5 ", "", "~6", "7" * 65]),
    st.sampled_from(["order", "order", "order", "refund", "Order", ""]),
    st.sampled_from(["", "", "", "1", "9", "~1"]),
    st.sampled_from(["ana", "bob", " ana ", "", '"c,d"', '"say ""hi"""', "x\u200by", '"']),
    st.sampled_from(
        ["2024-03-01 09:00", "2024-03-01T01:00Z", "2024/3/1 9:00", "2024-03-01", "1.3.2024", ""]
    ),
    st.sampled_from(["100", " 100", "0", "-5", "1.5", "1000000001", ""]),
)


def content(book: Book) -> object:
    names = {number: name for name, number in book.people.items()}
    rows = [
        (invoice, names[book.buyers[at]], book.instants[at], book.amounts[at], book.refunds.get(at))
        for invoice, at in book.invoices.items()
    ]
    return rows, list(book.lines), book.bad, book.repeated


@given(st.lists(cells.map(",".join), min_size=1, max_size=12))
def test_rows_mean_the_same_in_any_company(lines: list[str]) -> None:
    """Read together, a bad row has its neighbours read one by one; in chunks of one line most are
    read by column."""
    found = []
    for at_once in (500, 1, 3):
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setattr(reading, "LINES_AT_ONCE", at_once)
            try:
                found.append(content(read(Path(folder), *lines)))
            except UnusableFileError:
                found.append(None)
    assert found[0] == found[1] == found[2]


def test_it_reads_what_the_demo_reads() -> None:
    for path in (SAMPLE, REAL_ORDERS):
        demo, book = read_orders(path), read_book(path, None)
        assert book.currency == demo.currency == "GBP"
        assert list(book.invoices) == [row.invoice for row in demo.rows]
        assert list(book.amounts) == [row.amount_minor for row in demo.rows]
        assert list(book.instants) == [instant_of(row.placed_at) for row in demo.rows]
        assert [book.people[row.customer_id or ""] for row in demo.rows] == list(book.buyers)
        refunds = {
            at: row.refund_of or "" for at, row in enumerate(demo.rows) if row.kind[0] == "r"
        }
        assert book.refunds == refunds


def test_bad_rows_are_those_of_the_demo() -> None:
    """But the repeated row is counted and not bad."""
    book = read_book(BAD_ORDERS, None)
    demo = {row.line for row in read_orders(BAD_ORDERS).bad}
    assert ({line for line, _ in book.bad}, book.repeated) == (demo - {15}, 1)
    reasons = dict(book.bad)
    assert reasons[3] == "kind is 'Order', not order or refund"
    assert reasons[9].startswith("amount_minor '120.50' is not a whole number in CNY")
    assert reasons[16] == "invoice already used by line 2 with other content"
    assert reasons[20] == "8 fields where the header has 7"


@pytest.mark.parametrize("row", ["2,refund,2,ann,2024-03-01,5", "2,order,1,ann,2024-03-01,5"])
def test_a_row_that_contradicts_itself_is_bad_among_good_ones(tmp_path: Path, row: str) -> None:
    assert [line for line, _ in read(tmp_path, GOOD, row).bad] == [3]


def test_a_stray_quotation_mark_spoils_its_own_line_only(tmp_path: Path) -> None:
    lines = [f"{n},order,,ana,2024-03-01 09:00,5" for n in range(30)]
    lines[3] = '3,order,,"ana,2024-03-01 09:00,5'
    book = read(tmp_path, *lines)
    assert [line for line, _ in book.bad] == [5]
    assert len(book) == 29


def test_a_cell_may_have_lines_of_its_own_across_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LINES_AT_ONCE", 2)
    note = ',"one\ntwo, three\n"'
    book = read(tmp_path, GOOD + note, GOOD.replace("1", "2", 1) + ",", "bad", header=f"{HEADER},n")
    assert (list(book.lines), book.bad) == ([2, 5], [(6, "1 fields where the header has 7")])


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_gbk_and_utf_8_with_or_without_a_mark(tmp_path: Path, encoding: str, packed: bool) -> None:
    path = write(tmp_path, "1,order,,王小明,2024-03-01 09:00,5", encoding=encoding)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert list(read_book(path, None).people) == ["", "王小明"]


def test_a_damaged_line_does_not_make_a_file_gbk(tmp_path: Path) -> None:
    path = write(tmp_path, *(f"{n},order,,顾客{n},2024-03-01 09:00,5" for n in range(9)))
    path.write_bytes(path.read_bytes() + b"x,order,,\xcd\xf5,2024-03-01 09:00,5\n")
    book = read_book(path, None)
    assert (len(book), [line for line, _ in book.bad]) == (9, [11])
    assert "顾客8" in book.people


def test_only_sales_need_neither_kind_nor_refund_of(tmp_path: Path) -> None:
    header = "\ufeff Customer_ID ,Invoice,placed_at,AMOUNT,city"
    book = read(tmp_path, "ana,1,2024/3/1,12.50,Suzhou", header=header)
    assert (list(book.amounts), book.refunds, book.currency) == ([1250], {}, "CNY")
    assert book.instants[0] % DAY_MICROSECONDS == 0


def test_standard_input_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(f"{HEADER}\n{GOOD}\n".encode())))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert list(read_book(Path("-"), "EUR").invoices) == ["1"]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "missing column invoice"),
        (b"invoice;kind\n1;order\n", "commas must separate"),
        (f"{HEADER},amount\n{GOOD},1\n".encode(), "column given twice: amount_minor, amount"),
        (f"{HEADER},kind\n".encode(), "column given twice: kind"),
        (b"invoice,customer_id,placed_at\n", "amount_pence or amount_minor or amount"),
        (f"{HEADER}\n".encode(), r"no usable row \(0 bad\)"),
        (f"{HEADER}\n{GOOD[:-5]}0\n".encode(), r"no usable row \(1 bad\)"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "UTF-16; save it as CSV UTF-8"),
        (b'"invoice\n', "the header"),
        (gzip.compress(f"{HEADER}\n{GOOD}\n".encode(), mtime=0)[:-9], "cut off"),
    ],
)
def test_an_unusable_file_is_one_clear_error(tmp_path: Path, raw: bytes, words: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(raw)
    with pytest.raises(UnusableFileError, match=words):
        read_book(path, None)


def test_a_missing_file_and_a_folder_are_unusable(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UnusableFileError):
            read_book(path, None)
