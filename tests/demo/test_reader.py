"""Reading a shop's file: every bad row is named, and a file that cannot be used is one error."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.demo.figures import LOCAL_TIME
from infra.demo.reader import UnusableFileError, read_orders

HEADER = "invoice,kind,refund_of,customer_id,placed_at,amount_minor"
GOOD = "1,order,,ana,2024-03-01 09:00,12000"
BAD_ORDERS = Path(__file__).parents[1] / "data" / "bad_orders.csv"
REAL_ORDERS = Path(__file__).parents[2] / "events" / "online_retail" / "orders.csv.gz"


def write(path: Path, *lines: str, end: str = "\n") -> Path:
    path.write_text(end.join(lines) + end, encoding="utf-8", newline="")
    return path


def test_each_bad_row_has_its_line_and_reason() -> None:
    orders = read_orders(BAD_ORDERS)
    assert [(row.line, row.invoice) for row in orders.rows] == [(2, "1001"), (21, "1016")]
    reasons = {row.line: row.reason for row in orders.bad}
    assert reasons == {
        3: "kind is 'Order', not order or refund",
        4: "no kind",
        5: "no invoice",
        6: "placed_at '01/03/2024 09:08' is not a time such as 2010-12-01T08:26:00",
        7: "placed_at '2024-02-30 09:09' is not a time such as 2010-12-01T08:26:00",
        8: "placed_at '1999-12-31 09:10' is outside 2001-2088",
        9: "amount_minor '120.50' is not a whole number of 1 to 1,000,000,000",
        10: "amount_minor '0' is not a whole number of 1 to 1,000,000,000",
        11: "amount_minor '-5' is not a whole number of 1 to 1,000,000,000",
        12: "amount_minor '1000000001' is not a whole number of 1 to 1,000,000,000",
        14: "amount_minor '١٢٠' is not a whole number of 1 to 1,000,000,000",
        15: "repeated: same as line 2",
        16: "invoice already used by line 2 with other content",
        17: "refund_of is the row's own invoice",
        18: "an order cannot have refund_of",
        19: "5 fields where the header has 7",
        20: "8 fields where the header has 7",
    }


def test_records_skip_blank_lines_and_lines_do_not() -> None:
    after_blank = {row.line: row.record for row in read_orders(BAD_ORDERS).bad}
    assert (after_blank[12], after_blank[14]) == (11, 12)


def test_a_time_without_zone_is_the_brands_own(tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", HEADER, GOOD, "2,order,,ana,2024-03-01T09:00:00Z,5")
    local, zulu = read_orders(path).rows
    assert local.placed_at == datetime(2024, 3, 1, 9, tzinfo=LOCAL_TIME)
    assert zulu.placed_at == datetime(2024, 3, 1, 9, tzinfo=UTC)


def test_byte_order_mark_crlf_and_other_column_order(tmp_path: Path) -> None:
    lines = ("\ufeffamount_pence,country,placed_at,customer_id,refund_of,kind,invoice",)
    path = write(tmp_path / "o.csv", *lines, "70,EIRE,2024-03-01 09:00,,,order,7", end="\r\n")
    orders = read_orders(path)
    assert (orders.rows[0].amount_minor, orders.rows[0].customer_id) == (70, None)
    assert orders.currency == "GBP"


def test_gzip_is_recognised_by_content(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode()))
    assert read_orders(path).rows[0].invoice == "1"


def test_limit_counts_data_rows_and_currency_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", HEADER, GOOD, "", GOOD.replace("1,", "2,", 1), "bad")
    orders = read_orders(path, limit=2, currency="EUR")
    assert ([row.invoice for row in orders.rows], orders.bad) == (["1", "2"], ())
    assert orders.currency == "EUR"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "missing column invoice"),
        (b"invoice;kind\n1;order\n", "missing column"),
        (f"{HEADER},amount_pence\n".encode(), "column given twice"),
        (f"{HEADER},kind\n".encode(), "column given twice: kind"),
        (HEADER.encode(), "no usable row"),
        (f"{HEADER}\n{GOOD[:-5]}0\n".encode(), "no usable row"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "not UTF-8"),
        (f"{HEADER}\n{GOOD}é\n".encode("latin-1"), "not UTF-8"),
        (f'{HEADER}\n"1,order'.encode(), "line 2"),
        (gzip.compress(HEADER.encode(), mtime=0)[:-9], "cannot be read"),
    ],
)
def test_an_unusable_file_is_one_clear_error(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError, match=words):
        read_orders(path)


def test_missing_file_and_folder_are_unusable(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UnusableFileError, match="cannot be read"):
            read_orders(path)


def test_the_real_orders_have_the_figures_of_their_readme() -> None:
    orders = read_orders(REAL_ORDERS)
    sold = [row for row in orders.rows if row.kind == "order"]
    buyers = {row.customer_id for row in sold} - {None}
    everyone = {row.customer_id for row in orders.rows} - {None}
    assert (len(sold), len(orders.rows) - len(sold), orders.bad) == (19_959, 3_836, ())
    assert (len(everyone), len(everyone - buyers), orders.currency) == (4_371, 33, "GBP")
