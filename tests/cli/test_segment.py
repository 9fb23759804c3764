"""`siyu segment`: a file of orders in, three files out, and no Siyu anywhere."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.engine import ROOT
from tests.cli.terminal import Terminal

SAMPLE = ROOT / "tests" / "data" / "sample_orders.csv"
HEADER = "invoice,kind,refund_of,customer_id,placed_at,amount"


def orders(folder: Path, *lines: str) -> Path:
    path = folder / "orders.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return path


def scheme(folder: Path, **fields: object) -> Path:
    path = folder / "scheme.json"
    path.write_text(json.dumps(fields))
    return path


@pytest.mark.parametrize("stdin", [False, True])
def test_it_needs_no_environment_and_no_place(tmp_path: Path, stdin: bool) -> None:
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = subprocess.run(
        [
            *(sys.executable, "-m", "infra.cli", "segment", "-" if stdin else str(SAMPLE)),
            *("--as-of", "2011-12-10", "--json"),
        ],
        env={**clean, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        input=SAMPLE.read_bytes() if stdin else b"",
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (told.returncode, told.stderr.decode()) == (0, "")
    summary = json.loads(told.stdout)
    folder = tmp_path / summary["out"]
    assert summary["out"] == f"segments-{'stdin' if stdin else 'sample_orders'}-2011-12-10"
    assert sorted(one.name for one in folder.iterdir()) == [
        *("bad_rows.csv", "members.csv", "report.html"),
    ]
    with (folder / "members.csv").open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert len(rows) == summary["members"] == sum(s["members"] for s in summary["stages"].values())
    assert summary["members_net_sales_minor"] == sum(
        int(row["monetary"].replace(".", "")) for row in rows
    )


def test_the_last_row_gives_the_day_and_later_rows_are_counted(
    siyu: Terminal, tmp_path: Path
) -> None:
    path = orders(
        tmp_path, "1,order,,ann,2026-03-01,12.50", "2,order,,bob,2026-03-04T17:00Z,1", "x"
    )
    out = tmp_path / "out"
    summary = siyu.json(f"segment {path} --out {out} --currency eur")
    assert (summary["as_of"], summary["currency"], summary["members"]) == ("2026-03-05", "EUR", 2)
    code, printed, err = siyu(f"segment {path} --out {out} --as-of 2026-03-01 --currency EUR")
    assert (code, err) == (0, "orders.csv:4: 1 fields where the header has 6\n")
    for line in ("as_of: 2026-03-01", "members: 1", "rows_after: 1", "net_sales: EUR 12.50"):
        assert f"{line}\n" in printed


def test_all_bad_rows_are_in_a_file_and_twenty_are_shown(siyu: Terminal, tmp_path: Path) -> None:
    path = orders(
        tmp_path, "1,order,,ann,2026-03-01,12.50", *["x"] * 30, "2,refund,9,,2026-03-01,1"
    )
    code, _, err = siyu(f"segment {path} --out {tmp_path / 'out'}")
    assert (code, len(err.splitlines())) == (0, 21)
    assert "11 more rows are left out" in err
    listed = (tmp_path / "out" / "bad_rows.csv").read_text("utf-8-sig").splitlines()
    assert len(listed) == 32
    assert listed[-1] == "33,refund of an order that the file does not hold"


def test_a_scheme_is_taken_from_a_file(siyu: Terminal, tmp_path: Path) -> None:
    path = orders(tmp_path, "1,order,,ann,2026-03-01,12.50", "2,order,,bob,2025-01-01,1")
    rules = scheme(tmp_path, name="mine", min_population=1, window_days=30, lost_days=900)
    summary = siyu.json(f"segment {path} --scheme {rules} --out {tmp_path / 'out'}")
    assert (summary["scheme"], summary["members_scored"]) == ("mine", 1)
    assert summary["stages"]["lost"]["members"] == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"dormant_days": 400}, "nobody is lost before being dormant"),
        ({"window_days": 31, "colour": 1}, "window_days: "),
        ({"stores": ["A1B"]}, "does not say which store"),
    ],
)
def test_a_wrong_scheme_is_told_field_by_field(
    siyu: Terminal, tmp_path: Path, fields: dict[str, object], words: str
) -> None:
    code, out, err = siyu(f"segment {SAMPLE} --scheme {scheme(tmp_path, **fields)}")
    assert (code, out, words in err) == (2, "", True)


@pytest.mark.parametrize(
    "line",
    [
        "segment nowhere.csv",
        f"segment {SAMPLE} --scheme nowhere.json",
        f"segment {SAMPLE} --as-of 2000-01-01",
        f"segment {SAMPLE} --as-of tomorrow",
        f"segment {SAMPLE} --currency EURO",
        f"segment {SAMPLE} --out {ROOT / 'tests'}",
        "segment",
    ],
)
def test_bad_input_is_two(siyu: Terminal, line: str) -> None:
    code, out, err = siyu(line)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err
