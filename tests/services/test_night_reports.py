"""Reports of nights come back as they were recorded."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain.night_report import Report
from siyu.domain.segments import Label
from siyu.storage import nights
from tests.support import NOW, dump

TONIGHT = NOW.date()
BEFORE = TONIGHT - timedelta(days=1)
MOVES = [("---", "a0A"), ("j1L", "c0P")]
LABELS = [
    Label("dormant", "loyalty", "important_value", (5, 4, 3)),
    Label("new", "interest", None, None),
    Label("lost", "purchase", "general_keep", (1, 1, 2)),
]


def recorded(labels: list[Label], moves: list[tuple[str, str]]) -> Report:
    report = Report("default", 3, TONIGHT, page_shards=64, population=2, changed=1)
    for number, label in enumerate(sorted(labels, key=lambda one: one.stage)):
        report.count(label, number + 1, -900 * number)
    for move in moves:
        report.moved(*move)
    nights.put_run(report)
    return report


def test_a_report_comes_back_whichever_way_it_is_asked_for() -> None:
    earlier, report = Report("default", 1, BEFORE), recorded(LABELS, MOVES)
    nights.put_run(earlier)
    assert nights.runs(TONIGHT, ["default", "other"]) == {"default": report}
    assert nights.last_report("default", TONIGHT + timedelta(days=9)) == report
    assert list(nights.reports("default", BEFORE, TONIGHT)) == [earlier, report]
    assert list(nights.reports("default", TONIGHT, TONIGHT)) == [report]
    assert nights.last_report("default", BEFORE - timedelta(days=1)) is None
    assert nights.last_report("other", TONIGHT) is None


def test_equal_reports_are_stored_alike_in_whatever_order_they_were_counted() -> None:
    recorded(LABELS, MOVES)
    before = dump()
    recorded(LABELS[::-1], MOVES[::-1])
    assert dump() == before
