"""`siyu segments audience` writes what the console's export holds."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest

from siyu.services.segment_members import segment_members
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


def test_before_any_night_nothing_is_written(siyu: Terminal, query: str, tmp_path: Path) -> None:
    code, _, err = siyu("segments audience", query, "--out", str(tmp_path / "out.csv"))
    assert code == 1
    assert "no night has published default" in err
    assert not (tmp_path / "out.csv").exists()
