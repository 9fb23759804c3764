"""`siyu segments audience` writes what the console's export holds."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest

from siyu.services.segment_members import segment_members
from siyu.storage import parquet
from tests.cli.terminal import Terminal
from tests.functions.audience_events import QUERY
from tests.functions.test_console_audience import wanted
from tests.services.audience_crowd import Row, crowd, told
from tests.services.shop import TODAY


@pytest.fixture
def query(tmp_path: Path) -> str:
    path = tmp_path / "query.json"
    path.write_text(json.dumps(QUERY))
    return str(path)


@pytest.fixture
def rows() -> list[Row]:
    crowd(200)
    segment_members(TODAY)
    return told(wanted)


def test_it_counts(siyu: Terminal, query: str, rows: list[Row]) -> None:
    found = siyu.json("segments audience", query)
    assert (found["members"], found["exact"]) == (len(rows), True)
    code, out, _ = siyu("segments audience", query)
    assert code == 0
    assert f"members: {len(rows)}" in out


def test_it_writes_parquet_and_csv_alike(siyu: Terminal, query: str, tmp_path: Path) -> None:
    """Of everybody, also of those who never bought."""
    crowd(200)
    segment_members(TODAY)
    rows = told()
    Path(query).write_text("{}")
    for name in ("out.parquet", "out.csv"):
        told_of = siyu.json("segments audience", query, "--out", str(tmp_path / name))
        assert told_of["members"] == len(rows)
        assert told_of["bytes"] == (tmp_path / name).stat().st_size
    found = duckdb.read_parquet(str(tmp_path / "out.parquet"))
    names = found.columns
    assert [dict(zip(names, row, strict=True)) for row in found.fetchall()] == rows
    with (tmp_path / "out.csv").open(newline="") as text:
        cells = list(csv.DictReader(text))
    assert cells == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in rows
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "out.csv",
        "out.parquet",
        "query.json",
    ]


@pytest.mark.parametrize("name", ["Q4 [2026]", "dt=2026", "it's", "a*"])
def test_the_name_of_a_folder_is_only_a_name(
    siyu: Terminal, query: str, rows: list[Row], tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    out = tmp_path / name / "out.parquet"
    assert siyu.json("segments audience", query, "--out", str(out))["members"] == len(rows)
    found = duckdb.read_parquet(str(out.rename(tmp_path / "out.parquet")))
    assert found.columns == list(rows[0])
    assert len(found.fetchall()) == len(rows)


def test_rows_of_a_folder_beside_it_are_not_taken(tmp_path: Path) -> None:
    for name in ("a*", "ab"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.csv").write_text(f"{name}\n")
    parquet.write(tmp_path / "a*", {"name": "VARCHAR"}, "name", tmp_path / "it's.parquet")
    (tmp_path / "it's.parquet").rename(tmp_path / "out.parquet")
    assert duckdb.read_parquet(str(tmp_path / "out.parquet")).fetchall() == [("a*",)]


def test_what_duckdb_cannot_reach_is_told(
    siyu: Terminal, query: str, rows: list[Row], tmp_path: Path
) -> None:
    assert rows
    (tmp_path / "a\\b").mkdir()
    code, out, err = siyu("segments audience", query, "--out", str(tmp_path / "a\\b" / "o.parquet"))
    assert (code, out, "cannot be written" in err) == (2, "", True)
    assert list((tmp_path / "a\\b").iterdir()) == []


def test_a_query_may_begin_with_a_byte_order_mark(
    siyu: Terminal, query: str, rows: list[Row]
) -> None:
    path = Path(query)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert siyu.json("segments audience", query)["members"] == len(rows)


def test_a_bad_query_is_told_by_its_fields(siyu: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "query.json"
    path.write_text('{"stages": ["asleep"], "age": 3}')
    code, out, err = siyu("segments audience", str(path))
    assert (code, out) == (2, "")
    assert "stages.0: " in err
    assert "age: no such field" in err


def test_a_file_that_cannot_be_is_told(
    siyu: Terminal, query: str, rows: list[Row], tmp_path: Path
) -> None:
    code, _, err = siyu("segments audience", query, "--out", str(tmp_path / "none" / "out.csv"))
    assert code == 2
    assert "No such file or directory" in err
    code, _, err = siyu("segments audience", query, "--out", "members.xlsx")
    assert code == 2
    assert ".parquet or .csv" in err
    assert siyu("segments audience", query, "--out", "\udcff.parquet")[0] == 2


def test_before_any_night_nothing_is_written(siyu: Terminal, query: str, tmp_path: Path) -> None:
    code, _, err = siyu("segments audience", query, "--out", str(tmp_path / "out.csv"))
    assert code == 1
    assert "no night has published default" in err
    assert not (tmp_path / "out.csv").exists()
