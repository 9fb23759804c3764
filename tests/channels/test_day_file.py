"""Day files: every row comes to an event or to a reason, in words a till's owner understands."""

from __future__ import annotations

import csv
import gzip
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.channels.csv_rows import NO_CSV, UnusableFileError
from siyu.channels.day_file import COLUMNS, Record, delivery_id
from tests.channels.day_files import HEADER, read
from tests.docs.reading import DOCS, blocks, rows

KEY = b"key of the tests"


def row(**cells: str) -> Record:
    """What one row of these columns comes to."""
    text = io.StringIO()
    table = csv.writer(text)
    cells = {"kind": "paid", "order_id": "o1", "occurred_at": "2026-11-22T12:00:00", **cells}
    names = list(dict.fromkeys([*cells, "amount"]))
    table.writerow(names)
    table.writerow([cells.get(name, "") for name in names])
    (found,) = read(text.getvalue())
    return found


def data(**cells: str) -> dict[str, Any]:
    found = row(**cells)
    assert found.event is not None, found.reason
    said: dict[str, Any] = found.event["data"]
    return said


def test_a_file_as_a_spreadsheet_saves_it() -> None:
    text = (
        "\ufeffNote,Amount , KIND,order_id,occurred_at\r\n"
        '"two\r\nlines",19.99,Paid, o1 ,2026-11-22 12:00\r\n'
        "\r\n"
        ",,,,\r\n"
        ",,complete,o1,2026-11-22T13:00:00Z\r\n"
    )
    found = read(text)
    assert [(one.line, one.event) for one in found] == [
        (
            2,
            {
                "type": "order.paid",
                "data": {
                    "order_id": "o1",
                    "paid_minor": 1999,
                    "currency": "CNY",
                    "occurred_at": "2026-11-22T04:00:00+00:00",
                },
            },
        ),
        (
            6,
            {
                "type": "order.completed",
                "data": {"order_id": "o1", "occurred_at": "2026-11-22T13:00:00+00:00"},
            },
        ),
    ]
    assert read(gzip.compress(text.encode())) == found


def test_every_column_arrives() -> None:
    ids = {name: f"{name}-1" for name in COLUMNS if name.endswith("_id")}
    told = data(**ids, amount_minor="5", receipt_token="t", currency="CNY")
    expected = {**ids, "receipt_token": "t", "paid_minor": 5, "currency": "CNY"}
    expected["occurred_at"] = "2026-11-22T04:00:00+00:00"
    del expected["refund_id"]
    assert told == expected
    back = data(**{**ids, "kind": "refund", "amount": "0.05"})
    assert (back["refund_id"], back["refunded_minor"]) == ("refund_id-1", 5)
    assert back.keys() == {
        *("order_id", "refund_id", "refunded_minor", "currency", "buyer_id", "occurred_at")
    }


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("cancel", "order.cancelled"),
        ("complete", "order.completed"),
        ("created", "order.created"),
    ],
)
def test_what_is_of_the_whole_order_needs_no_amount(kind: str, event: str) -> None:
    for amount in ("", "12"):
        found = row(kind=kind, amount=amount)
        assert found.event
        assert (found.event["type"], sorted(found.event["data"])) == (
            event,
            ["occurred_at", "order_id"],
        )


@given(st.integers(0, 10**11))
def test_amounts_are_exact(minor: int) -> None:
    amount = str(Decimal(minor).scaleb(-2).quantize(Decimal("0.01")))
    assert data(amount=amount)["paid_minor"] == minor
    assert data(amount_minor=str(minor))["paid_minor"] == minor


def test_an_amount_is_in_the_units_of_its_own_currency() -> None:
    assert data(amount="1250", currency="JPY")["paid_minor"] == 1250
    assert data(amount="1.250", currency="KWD")["paid_minor"] == 1250


BAD = {
    "kind: missing": {"kind": "", "amount": "1"},
    "kind: none of paid, refund, cancel, complete, created": {"kind": "sale", "amount": "1"},
    "occurred_at: missing": {"occurred_at": "", "amount": "1"},
    "occurred_at: not a time": {"occurred_at": "22/11/2026", "amount": "1"},
    "amount: exactly one of amount, amount_minor must be there": {"amount": ""},
    "amount: not an amount": {"amount": "1,999.00"},
    "amount: finer than the minor unit": {"amount": "0.005"},
    "amount_minor: not a whole number of minor units": {"amount_minor": "19.99"},
    "order_id: a number that a spreadsheet has rounded": {"order_id": "3.70512E+18"},
    "the row has a NUL character": {"amount": "1", "note": "a\0b"},
}


@pytest.mark.parametrize(("reason", "cells"), BAD.items(), ids=BAD.keys())
def test_a_reason_names_the_column_and_the_rule(reason: str, cells: dict[str, str]) -> None:
    assert row(**cells) == Record(2, reason=reason)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_beside_the_calendar_is_none(at: str) -> None:
    assert row(occurred_at=at, amount="1").reason == "occurred_at: not a time"


def test_both_amounts_are_one_too_many() -> None:
    assert row(amount="1", amount_minor="100").reason.startswith("amount: exactly one")


HEADERS = {
    "": "the file is empty",
    "\n,,\n": "the file is empty",
    '"kind': f"line 1, the header: {NO_CSV}",
    "kind,order_id,amount": "the first row must name the columns, and lacks occurred_at",
    "paid,ann,2026": "the first row must name the columns, and lacks kind, order_id, occurred_at,"
    " amount or amount_minor",
    "kind;order_id;occurred_at;amount": "the first row must name the columns, and lacks kind,"
    " order_id, occurred_at, amount or amount_minor; commas must separate the cells",
    f"{HEADER},Kind": "column given twice: kind",
}


@pytest.mark.parametrize(("header", "reason"), HEADERS.items(), ids=HEADERS.values())
def test_a_file_without_the_columns_is_refused_and_what_is_in_it_not_repeated(
    header: str, reason: str
) -> None:
    with pytest.raises(UnusableFileError) as refused:
        read(header + "\n" if header else "")
    assert str(refused.value) == reason


def test_one_thing_has_one_delivery_however_it_is_written() -> None:
    first = row(amount="12.5", occurred_at="2026-11-22T12:00:00")
    same = [
        row(occurred_at="2026-11-22 04:00:00Z", amount_minor="1250"),
        row(amount="12.50", currency="CNY", note="x"),
    ]
    other = row(amount="12.51")
    assert first.event
    assert other.event
    assert {delivery_id(one.event, KEY) for one in same if one.event} == {
        delivery_id(first.event, KEY)
    }
    assert delivery_id(other.event, KEY) != delivery_id(first.event, KEY)
    assert len(delivery_id(first.event, KEY)) <= 128


def test_the_page_names_every_column_and_its_example_is_good() -> None:
    page = DOCS / "channels" / "csv.md"
    named = {
        name
        for cells in rows(page, "## What is in a file")
        for name in re.findall(r"`(\w+)`", cells[0])
    }
    assert named == set(COLUMNS)
    example, _ = blocks(page, "csv")
    assert [one.reason for one in read(example)] == [""] * 4
