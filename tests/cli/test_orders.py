"""`siyu orders import`: what is good is sent, what is not is named, and a cut run goes on."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from siyu.aws import client
from siyu.services import import_orders
from tests.channels.day_files import GOOD, HEADER
from tests.cli.terminal import Terminal
from tests.faults import Line
from tests.support import dump, receive

# The command reads the clock, so what happened must lie before it.
assert datetime.now(UTC) > datetime(2026, 11, 22, 5, tzinfo=UTC)


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """Twenty-five good rows, and two bad ones in lines 27 and 28."""
    path = tmp_path / "till 1.csv"
    rows = [HEADER, *map(GOOD.format, range(25)), "sale,o1,2026-11-22,1", "paid,o2,2026-11-22,"]
    path.write_text("\n".join(rows), encoding="utf-8-sig")
    return path


def sent() -> list[str]:
    return [json.loads(json.loads(message)["body"])["data"]["order_id"] for message in receive()]


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_good_rows_are_sent_and_bad_ones_named(siyu: Terminal, day: Path) -> None:
    code, out, err = siyu("orders import --source till", str(day))
    assert (code, out) == (1, "rows: 27\nsent: 25\nbad: 2\n")
    assert err.splitlines() == [
        f"{day}:27: kind: none of paid, refund, cancel, complete, created",
        f"{day}:28: amount: exactly one of amount, amount_minor must be there",
    ]
    assert len(set(sent())) == 25


def test_without_bad_rows_the_code_is_zero(siyu: Terminal, tmp_path: Path) -> None:
    packed = tmp_path / "day.csv.gz"
    packed.write_bytes(gzip.compress("\n".join([HEADER, GOOD.format(1)]).encode()))
    found = siyu.json("orders import --source till", str(packed))
    assert found == {"rows": 1, "sent": 1, "bad": 0}
    assert sent() == ["o1"]


def test_all_bad_rows_are_in_the_report(siyu: Terminal, tmp_path: Path) -> None:
    path, report = tmp_path / "day.csv", tmp_path / "bad.csv"
    path.write_text("\n".join([HEADER, *["paid,o1,soon,1"] * 30]), encoding="utf-8")
    code, _, err = siyu("orders import --source till --report", str(report), str(path))
    assert code == 1
    shown = err.splitlines()
    assert shown[0] == f"{path}:2: occurred_at: not a time"
    assert shown[20:] == [f"siyu: 10 more rows are bad; all are in {report}"]
    expected = [[str(line), "occurred_at: not a time"] for line in range(2, 32)]
    assert read(report) == [["line", "reason"], *expected, ["", "30 rows: 0 good, 30 refused"]]
    assert "--report FILE has them all" in siyu("orders import --source till", str(path))[2]


def test_a_check_sends_nothing(siyu: Terminal, day: Path, tmp_path: Path) -> None:
    report = tmp_path / "bad.csv"
    line = f"orders import --source till --check --report {report}"
    code, out, _ = siyu(line, str(day))
    assert (code, out) == (1, "rows: 27\nsent: 0\nbad: 2\n")
    assert read(report)[-1] == ["", "27 rows: 25 good, 2 refused"]
    assert (receive(), dump()) == ([], {})


UNUSABLE = {
    "not there": None,
    "empty": b"",
    "no header": b"paid,o1,2026-11-22,1\n",
    "a workbook": b"PK\x03\x04\x14\x00\x06\x00",
    "half a gzip": gzip.compress(HEADER.encode() * 99)[:-5],
}


@pytest.mark.parametrize("content", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_unusable_file_is_two(siyu: Terminal, tmp_path: Path, content: bytes | None) -> None:
    path, report = tmp_path / "x.csv", tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    code, out, err = siyu("orders import --source till --report", str(report), str(path))
    assert (code, out, [*tmp_path.glob("bad*")]) == (2, "", [])
    assert err.startswith(f"siyu: {path}: ")
    assert receive() == []


def test_a_source_nobody_configured_is_two(siyu: Terminal, day: Path) -> None:
    code, _, err = siyu("orders import --source nobody", str(day))
    assert (code, err.partition("; ")[0]) == (2, "siyu: nobody: no such source")


def interrupt_at(number: int) -> Any:
    """Ctrl-C at a call of the queue."""

    def fault(count: int, _: str) -> str | None:
        if count == number:
            raise KeyboardInterrupt
        return None

    return Line(fault)


def test_ctrl_c_and_the_same_command_goes_on(
    siyu: Terminal, day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_orders, "WINDOW", 10)
    report = tmp_path / "bad.csv"
    line = f"orders import --source till --report {report}"
    events, stopped = client("sqs").meta.events, interrupt_at(2)
    events.register("before-send.sqs", stopped)
    try:
        code, out, err = siyu(line, str(day))
    finally:
        events.unregister("before-send.sqs", stopped)
        stopped.close()
    assert (code, out, report.exists()) == (130, "", False)
    assert "the same command goes on" in err
    assert len(sent()) == 10
    code, out, err = siyu(line, str(day))
    assert (code, out) == (1, "rows: 27\nsent: 25\nbad: 2\n")
    assert err.startswith("siyu: goes on after line 11\n")
    assert len(sent()) == 15
    assert [row[0] for row in read(report)] == ["line", "27", "28", ""]
