"""Files of orders for the tests, and what becomes of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from infra.segment.book import Book
from infra.segment.folding import fold
from infra.segment.money import Money
from infra.segment.reading import read_book
from infra.segment.result import Result
from infra.segment.scoring import score
from siyu.domain.schemes import DEFAULT, Scheme

HEADER = "invoice,kind,refund_of,customer_id,placed_at,amount_minor"
TESTS = Path(__file__).parents[1]
SAMPLE = TESTS / "data" / "sample_orders.csv"
BAD_ORDERS = TESTS / "data" / "bad_orders.csv"
REAL_ORDERS = TESTS.parent / "events" / "online_retail" / "orders.csv.gz"


def write(folder: Path, *lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "orders.csv"
    path.write_bytes("".join(f"{line}\n" for line in (header, *lines)).encode(encoding))
    return path


def read(folder: Path, *lines: str, header: str = HEADER) -> Book:
    return read_book(write(folder, *lines, header=header), None)


def result_of(path: Path, as_of: date, scheme: Scheme = DEFAULT) -> Result:
    book = read_book(path, None)
    folded = fold(book, as_of.toordinal(), scheme.window_days)
    scored = score(folded.customers, scheme, as_of)
    bad = sorted([*book.bad, *folded.orphans])
    return Result(path.name, book, folded, scored, Money(book.currency), bad)
