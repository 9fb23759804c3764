"""A batch's good rows are kept, and a bad one is named with everything that is wrong with it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.codes.specs import COLUMNS, BadRow, GoodRow, read_specs
from infra.codes.table import UnusableFileError
from siyu.domain.coupons import Benefit
from siyu.domain.issued_codes import CodeSpec, IssuedKind

FULL = {
    "kind": "guide",
    "store": "A1B",
    "guide": "lily",
    "channel": "wecom",
    "label": "二楼 lily",
    "benefit": "spring-2027",
    "value_minor": "2000",
    "min_spend_minor": "10000",
    "valid_days": "14",
    "quota": "500",
    "valid_from": "2027-03-01",
    "valid_until": "2027-05-31",
}


def file_of(folder: Path, text: str | bytes) -> Path:
    path = folder / "batch.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def problems_of(folder: Path, **changed: str) -> tuple[str, ...]:
    row = {**FULL, **changed}
    text = f"{','.join(row)}\n{','.join(row.values())}\n"
    good, bad = read_specs(file_of(folder, text))
    assert len(good) + len(bad) == 1
    assert all(one.line == 2 for one in bad)
    return bad[0].reasons if bad else ()


def test_a_full_row_is_read(tmp_path: Path) -> None:
    text = f"{','.join(FULL)}\n{','.join(FULL.values())}\n"
    benefit = Benefit("spring-2027", 2_000, 10_000, 14)
    expected = CodeSpec(
        IssuedKind.GUIDE,
        "A1B",
        "lily",
        "wecom",
        "二楼 lily",
        benefit,
        500,
        date(2027, 3, 1),
        date(2027, 5, 31),
    )
    assert read_specs(file_of(tmp_path, text)) == ([GoodRow(2, expected)], [])
    assert tuple(FULL) == COLUMNS


def test_columns_come_in_any_order_and_unknown_ones_do_no_harm(tmp_path: Path) -> None:
    text = '\ufeffnotes, store ,kind\r\n"a, b", 0o1 ,store\r\n\r\n,,\r\nx,z9z,poster\r\n'
    assert read_specs(file_of(tmp_path, text)) == (
        [
            GoodRow(2, CodeSpec(IssuedKind.STORE, "001")),
            GoodRow(5, CodeSpec(IssuedKind.POSTER, "Z9Z")),
        ],
        [],
    )


def test_good_rows_are_kept_beside_bad_ones_which_are_named_by_line(tmp_path: Path) -> None:
    text = "kind,store\nstore,A1B\n\ndoor,A1B\nparcel,A1C\nposter,\n"
    good, bad = read_specs(file_of(tmp_path, text))
    assert [(row.line, row.spec.store) for row in good] == [(2, "A1B"), (5, "A1C")]
    assert bad == [
        BadRow(4, ("kind is 'door', not one of store, guide, poster, parcel, campaign",)),
        BadRow(6, ("no store",)),
    ]


def test_all_problems_of_a_row_are_named_at_once(tmp_path: Path) -> None:
    text = "kind,store,guide,quota,valid_from,value_minor\n,A1,,0,1/3/2027,5,extra\n"
    _, bad = read_specs(file_of(tmp_path, text))
    (row,) = bad
    assert [reason.split()[0] for reason in row.reasons] == [
        *("7", "no", "store", "value_minor", "quota", "valid_from"),
    ]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"kind": "Guide"}, "kind is 'Guide'"),
        ({"guide": ""}, "no guide, though the kind is guide"),
        ({"store": "A1U"}, "store 'A1U' is not 3 characters"),
        ({"label": "x" * 65}, "label is longer than 64"),
        ({"channel": "a\u202eb"}, "channel is longer than 64 characters or not printable"),
        ({"benefit": "Spring"}, "benefit 'Spring' is not"),
        ({"benefit": ""}, "value_minor, min_spend_minor, valid_days without benefit"),
        ({"value_minor": ""}, "no value_minor, though there is a benefit"),
        ({"value_minor": "", "valid_days": ""}, "no value_minor and no valid_days"),
        ({"value_minor": "19.90"}, "value_minor '19.90' is not a whole number"),
        ({"value_minor": "٣"}, "value_minor '٣' is not a whole number"),
        ({"min_spend_minor": "-1"}, "min_spend_minor '-1' is not a whole number from 0"),
        ({"quota": "9" * 5_000}, "quota '9999"),
        ({"valid_days": "3651"}, "valid_days '3651' is not a whole number from 1 to 3,650"),
        ({"valid_from": "2027-02-30"}, "valid_from '2027-02-30' is not a day"),
        ({"valid_from": "2027-W10-1"}, "valid_from '2027-W10-1' is not a day"),
        ({"valid_until": "2090-01-01"}, "valid_until '2090-01-01' is not a day"),
        ({"valid_until": "2027-02-28"}, "valid_until is before valid_from"),
    ],
)
def test_a_row_that_makes_no_sense_says_why(
    tmp_path: Path, changed: dict[str, str], reason: str
) -> None:
    (said,) = problems_of(tmp_path, **changed)
    assert said.startswith(reason)


@pytest.mark.parametrize("column", ["min_spend_minor", "quota", "valid_from", "valid_until"])
def test_what_may_be_left_out_may_be_left_out(tmp_path: Path, column: str) -> None:
    assert problems_of(tmp_path, **{column: ""}) == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"missing column kind, store \(found: none\)"),
        (b"kind;store\nstore;A1B\n", r"\(found: kind;store; commas must separate the cells\)"),
        (b"kind,store,label,label\n", "column given twice: label"),
        ("kind,store,label\nstore,A1B,正门\n".encode("gbk"), "save it as CSV UTF-8"),
        (b'kind,store\nstore,"A1B\n', "unexpected end of data"),
    ],
)
def test_a_file_that_is_no_batch_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(UnusableFileError, match=reason):
        read_specs(file_of(tmp_path, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="batch"):
        read_specs(tmp_path / "batch.csv")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({name: st.text(max_size=12) for name in COLUMNS})))
def test_every_row_is_either_read_or_named(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    path = tmp_path / "batch.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    good, bad = read_specs(path)
    written = [row for row in rows if any(cell.strip() for cell in row.values())]
    assert len(good) + len(bad) == len(written)
    assert all(row.reasons for row in bad)
