"""An operator asks why a member stands where they stand, runs a night, and publishes schemes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from siyu.domain.calendar import business_date
from siyu.domain.cut_points import CutPoints
from siyu.services import segment_flows
from siyu.services.segment_members import begin, publish, segment_members
from tests.cli.terminal import Terminal
from tests.services.rules import buy, member
from tests.support import dump

TONIGHT = date(2026, 11, 22)
SPAN = "--since 2026-11-01 --until 2026-11-30"


def nights() -> str:
    """Four of them; Bob buys once between each two."""
    bob = member("bob", 1).member_id
    for at in (2, 1, 0):
        segment_members(TONIGHT - timedelta(days=at))
        buy(f"{at}", 10_000, at)
    segment_members(TONIGHT + timedelta(days=1))
    return bob


def test_a_member_is_explained_for_people_and_for_programs(siyu: Terminal) -> None:
    bob = nights()
    told = siyu.json("segments explain", bob)
    assert (told["computed"]["label"]["stage"], told["pending"]) == ("repurchase_2", False)
    assert [one["after"]["stage"] for one in told["history"]] == [
        "repurchase_2",
        "repurchase_1",
        "first_purchase",
        "new",
    ]
    code, out, _ = siyu("segments explain", bob)
    said = out.splitlines()
    assert code == 0
    assert "    stage: repurchase_2" in said
    assert "history: 4" in said
    assert not {"{", "["} & set(out)
    assert siyu("segments explain", "0000000000000") == (1, "", "siyu: no such member\n")
    assert siyu("segments explain --scheme north", bob) == (1, "", "siyu: no such scheme\n")


def test_lines_that_wait_for_the_night_are_noted(siyu: Terminal) -> None:
    bob = member("bob", 1).member_id
    segment_members(TONIGHT)
    as_of = TONIGHT + timedelta(days=90)
    night = begin(as_of)
    publish(night, {one.name: CutPoints(one.name, one.version, as_of, 0) for one in night.undrawn})
    code, out, err = siyu("segments explain", bob)
    assert (code, "pending: yes" in out.splitlines()) == (0, True)
    assert "the stored label is not the computed one" in err


def test_nights_are_listed_with_the_sizes_of_parts_or_with_lines(siyu: Terminal) -> None:
    nights()
    told = siyu.json(f"segments nights {SPAN}")
    assert [one["members"] for one in told["nights"]] == [1] * 4
    assert told["nights"][-1]["stages"]["repurchase_2"] == {"members": 1, "net_minor": 30_000}
    code, out, _ = siyu(f"segments nights {SPAN}")
    header, *rows = (line.split() for line in out.splitlines())
    assert (code, header[:3]) == (0, ["night", "scheme", "version"])
    assert [row[header.index("new")] for row in rows] == ["1", "0", "0", "0"]
    assert [row[header.index("repurchase_2")] for row in rows] == ["0", "0", "0", "1"]
    by_aipl = siyu(f"segments nights {SPAN} --by aipl")[1].splitlines()[0].split()
    assert by_aipl[-4:] == ["aware", "interest", "purchase", "loyalty"]
    lines = siyu(f"segments nights {SPAN} --lines")[1].splitlines()
    assert lines[0].split()[:3] == ["night", "drawn", "recency_days"]
    assert lines[-1].split()[:2] == ["2026-11-23", "2026-11-23"]
    code, out, err = siyu("segments nights --since 2020-01-01 --until 2020-01-02")
    assert (code, out, err) == (0, "", "siyu: no night is over in these days\n")
    err = siyu("segments nights --since 2027-01-01 --until 2027-01-02")[2]
    assert err.rstrip().endswith("--until 2026-11-23")
    assert siyu("segments nights --since 2020-01-01")[0] == 1


def test_the_flows_of_a_span_have_no_bound(siyu: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    nights()
    monkeypatch.setattr(segment_flows, "MAX_CHANGES", 0)
    told = siyu.json("segments flows --from 2026-11-20 --to 2026-11-23")
    assert told["flows"] == [{"before": "new", "after": "repurchase_2", "members": 1}]
    assert (told["from"], told["to"]) == ("2026-11-20", "2026-11-23")
    code, out, _ = siyu("segments flows --from 2026-11-20 --to 2026-11-23 --by group")
    assert code == 0
    assert "flows: -" in out.splitlines()
    (row,) = (line.split() for line in out.splitlines() if line.split()[0] == "unscored")
    assert row == ["unscored", "1", "0", "0", "0", "1"]
    code, _, err = siyu("segments flows --from 2026-11-20 --to 2026-11-20")
    assert (code, err) == (1, "siyu: a night is no span\n")


def test_a_night_is_run_by_hand_once(siyu: Terminal) -> None:
    member("bob", 1)
    told = siyu.json("segments run --as-of 2026-11-22")
    assert [(one["scheme"], one["changed"]) for one in told["schemes"]] == [("default", 1)]
    before = dump()
    code, out, _ = siyu("segments run --as-of 2026-11-22")
    header, row = (line.split() for line in out.splitlines())
    assert (code, row[header.index("members")], row[header.index("new")]) == (0, "1", "1")
    code, out, err = siyu("segments run --as-of 2026-11-21")
    assert (code, out) == (1, "")
    assert "a later night has been published" in err
    assert dump() == before


def test_a_night_to_come_is_not_run_and_without_a_day_it_is_todays(siyu: Terminal) -> None:
    today = business_date(datetime.now(UTC))
    code, out, err = siyu(f"segments run --as-of {today + timedelta(days=2)}")
    assert (code, out, dump()) == (2, "", {})
    assert "to come" in err
    assert siyu.json("segments run")["as_of"] in (f"{today}", f"{today + timedelta(days=1)}")


def test_a_scheme_is_published_and_listed(siyu: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "scheme.json"
    path.write_text(json.dumps({"name": "north", "stores": ["A1B"]}), encoding="utf-8")
    made = siyu.json("segments publish --by ann", str(path))
    assert (made["name"], made["version"], made["stores"]) == ("north", 1, ["A1B"])
    assert date.fromisoformat(made["effective_from"]) > business_date(datetime.now(UTC))
    before = dump()
    code, _, err = siyu("segments publish --by bob", str(path))
    assert (code, dump()) == (0, before)
    assert "version 1 of north counts from the night of" in err
    listed = siyu.json("segments schemes")["schemes"]
    assert listed[1] == made | {"tonight": False, "next_night": True, "published_by": "ann"}
    code, out, _ = siyu("segments schemes")
    rows = [line.split() for line in out.splitlines()]
    assert [row[0] for row in rows] == ["name", "default", "north"]
    assert rows[2][-2:] == ["1", "ann"]


@pytest.mark.parametrize("content", ["{", '{"rule": "own"}', '{"nights": 1}'])
def test_a_file_that_makes_no_sense_is_told(siyu: Terminal, tmp_path: Path, content: str) -> None:
    path = tmp_path / "scheme.json"
    path.write_text(content, encoding="utf-8")
    code, out, err = siyu("segments publish --by ann", str(path))
    assert (code, out, dump()) == (2, "", {})
    assert "mend the file: it has the fields of POST /v1/console/schemes" in err


@pytest.mark.parametrize(
    "line",
    [
        "nights --since 0001-01-01",
        "nights --until 9999-12-31",
        "nights --by store",
        "nights --by aipl --lines",
        "flows --from 2026-11-20",
        "run --as-of soon",
        "explain",
        "publish none.json",
    ],
)
def test_words_that_make_no_sense_are_refused(siyu: Terminal, line: str) -> None:
    assert siyu(f"segments {line}")[:2] == (2, "")
