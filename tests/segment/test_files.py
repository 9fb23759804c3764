"""members.csv: what it holds, in which order, and what no spreadsheet may calculate."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.codes.table import UnusableFileError
from infra.segment.files import (
    FORMULA_SIGNS,
    MEMBERS,
    REPORT,
    harmless,
    member_lines,
    prepare,
    together,
    write_bad_rows,
    write_members,
)
from infra.segment.result import Result
from siyu.domain.segments import place
from tests.segment.shop import REAL_ORDERS, SAMPLE, result_of, write

AS_OF = date(2011, 12, 10)


def text_of(result: Result, folder: Path) -> bytes:
    with together(folder) as begin:
        write_members(begin(MEMBERS), result.scored, result.money)
    return (folder / MEMBERS).read_bytes()


def test_every_member_has_the_label_of_the_domain(tmp_path: Path) -> None:
    result = result_of(REAL_ORDERS, AS_OF)
    text = text_of(result, tmp_path).decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    scored = result.scored
    assert [row["member"] for row in rows] == scored.customers.ids
    assert len(rows) == 4_338
    for at, row in enumerate(rows):
        measure = scored.measure(at)
        label = place(measure, scored.scheme, scored.cuts, AS_OF)
        assert (row["group"] or None, row["stage"], row["aipl"]) == (
            *(label.group, label.stage, label.aipl),
        )
        assert tuple(int(row[one]) for one in "rfm" if row[one]) == (label.scores or ())
        assert row["monetary"] == result.money.plain(measure.net_minor)
        assert int(row["frequency"]) == measure.orders
        idle = AS_OF.toordinal() - measure.last_day if measure.last_day else ""
        assert row["recency_days"] == str(idle)


def test_the_groups_are_those_that_the_readme_shows() -> None:
    """The demo had them from the product's table."""
    groups = result_of(REAL_ORDERS, AS_OF).scored.report.groups
    assert (groups["important_value"].members, groups["important_value"].net_minor) == (
        *(1_525, 659_693_750),
    )
    assert (groups["general_win_back"].members, groups["unscored"].members) == (963, 11)


def test_any_order_of_the_rows_writes_the_same_bytes(tmp_path: Path) -> None:
    header, *lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    found = set()
    for seed in range(5):
        Random(seed).shuffle(lines)
        path = write(tmp_path, *lines, *lines[:seed], header=header)
        found.add(text_of(result_of(path, AS_OF), tmp_path))
    assert len(found) == 1


@pytest.mark.parametrize("sign", FORMULA_SIGNS)
def test_no_id_is_a_formula(sign: str) -> None:
    assert harmless(f"{sign}1+1") == f"'{sign}1+1"


@given(st.lists(st.text(max_size=4), unique=True, max_size=9))
def test_ids_stay_apart_and_come_back(names: list[str]) -> None:
    written = [harmless(name) for name in names]
    assert [one.removeprefix("'") for one in written] == names
    assert not any(one.startswith(FORMULA_SIGNS) for one in written if one[:1] != "'")


def test_only_the_id_is_somebody_elses_text(tmp_path: Path) -> None:
    path = write(
        tmp_path, '1,order,,"=a,""b""",2026-03-01 09:00,5', '2,refund,,"=a,""b""",2026-03-01,9'
    )
    result = result_of(path, date(2026, 3, 2))
    ((member, idle, orders, net, *_),) = csv.reader(member_lines(result.scored, result.money))
    assert (member, idle, orders, net) == ('\'=a,"b"', "1", "1", "-0.04")


def test_no_cell_is_parted_at_a_semicolon(tmp_path: Path) -> None:
    result = result_of(write(tmp_path, "1,order,,a;=1+1,2026-03-01,5"), date(2026, 3, 2))
    (line,) = member_lines(result.scored, result.money)
    assert line.startswith('"a;=1+1",')
    listed = io.StringIO()
    write_bad_rows(listed, [(2, "kind is 'a;=1+1', not order")])
    assert listed.getvalue().splitlines()[1] == "2,\"kind is 'a\\x3b=1+1', not order\""


def test_bad_rows_are_by_line() -> None:
    listed = io.StringIO()
    write_bad_rows(listed, [(2, "no kind"), (9, "a, b")])
    assert listed.getvalue() == 'line,reason\n2,no kind\n9,"a, b"\n'


@pytest.mark.parametrize("problem", [OSError(28, "disk"), KeyboardInterrupt()])
def test_files_appear_together_or_not_at_all(tmp_path: Path, problem: BaseException) -> None:
    for name in (MEMBERS, REPORT):
        (tmp_path / name).write_text("before")
    expected = UnusableFileError if isinstance(problem, OSError) else type(problem)

    def stopped() -> None:
        with together(tmp_path) as begin:
            begin(MEMBERS).write("all of it")
            begin(REPORT).write("half")
            raise problem

    with pytest.raises(expected):
        stopped()
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {
        MEMBERS: "before",
        REPORT: "before",
    }
    with together(tmp_path) as begin:
        for name in (MEMBERS, REPORT):
            begin(name).write(name)
            assert (tmp_path / name).read_text() == "before"
    assert (tmp_path / MEMBERS).read_text("utf-8-sig") == MEMBERS
    assert (tmp_path / REPORT).read_text("utf-8") == REPORT


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    prepare(tmp_path / "new" / "deep")
    for name in (MEMBERS, f".{MEMBERS}.part"):
        (tmp_path / "new" / "deep" / name).touch()
    prepare(tmp_path / "new" / "deep")
    (tmp_path / "odd" / MEMBERS).mkdir(parents=True)
    with pytest.raises(UnusableFileError, match="something else"):
        prepare(tmp_path / "odd")
    (tmp_path / "holiday.png").touch()
    for folder in (tmp_path, tmp_path / "holiday.png"):
        with pytest.raises(UnusableFileError):
            prepare(folder)
