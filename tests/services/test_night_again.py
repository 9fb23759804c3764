"""A night that is run again, or twice at once, leaves each change on one page and in one report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from siyu.domain.cut_points import CutPoints
from siyu.domain.night_report import Report
from siyu.errors import ContentionError
from siyu.services import explain_segment
from siyu.services.segment_members import begin, finish, publish, reports_of, segment_members
from siyu.services.segment_parts import (
    PARTS,
    begin_parts,
    finish_parts,
    label_part,
    publish_lines,
    tally_part,
)
from siyu.storage import keys, labels, nights
from tests.faults import KilledError
from tests.services.crowd import codes, crowd, pages, shopper
from tests.services.shop import TODAY, paid, refunded, settle
from tests.support import dump, kinds

DAY = timedelta(days=1)
NIGHT = TODAY + 2 * DAY


def dies(*_: Any) -> None:
    raise KilledError


def cut_short(night: date) -> None:
    """A run that dies when it has written its pages."""
    with patch("siyu.storage.nights.put_run", dies), pytest.raises(KilledError):
        segment_members(night)


def buy() -> None:
    paid("1", 500_000, buyer_id="b")
    settle()


def test_what_was_undone_before_a_night_is_run_again_is_on_no_page() -> None:
    member_id = shopper()
    segment_members(TODAY)
    segment_members(TODAY + DAY)
    buy()
    cut_short(NIGHT)
    assert member_id in pages(NIGHT)
    refunded("1", "r1", 500_000)
    settle()
    (report,) = segment_members(NIGHT)
    assert (report.flows, pages(NIGHT), kinds()["LABEL_PAGE"]) == ({}, {}, 1)
    assert [one.night for one in explain_segment.history("default", member_id, NIGHT)] == [TODAY]


def test_a_part_that_is_labelled_again_leaves_no_page_of_what_was_undone() -> None:
    member_id = shopper()
    segment_members(TODAY)
    buy()
    night = TODAY + DAY
    (mine,) = (part for part in PARTS if keys.shard(member_id, keys.AGGREGATE_SHARDS) in part)
    begin_parts(night)
    for part in PARTS:
        tally_part(night, part)
    page_shards = publish_lines(night)
    for part in PARTS:
        label_part(night, part, page_shards)
    assert member_id in pages(night, shards=page_shards)
    refunded("1", "r1", 500_000)
    settle()
    label_part(night, mine, page_shards)
    (report,) = finish_parts(night)
    assert (report.flows, pages(night, shards=page_shards)) == ({}, {})


def test_a_night_that_is_run_again_keeps_to_its_number_of_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nights, "MEMBERS_PER_PAGE", 12)
    crowd(20)
    member_id = shopper()
    cut_short(TODAY)
    crowd(20, seed=9)
    (report,) = segment_members(TODAY)
    assert report.page_shards == 1
    assert len(pages(TODAY)) == report.members == 41
    assert len(explain_segment.history("default", member_id, TODAY)) == 1


def test_a_night_counts_once_in_a_history_though_its_pages_lie_twice() -> None:
    member_id = shopper()
    segment_members(TODAY)
    page = list(nights.pages("default", TODAY, 1))
    number = keys.shard(member_id, 2)
    nights.put_pages("default", TODAY, 2, [(number, page)])
    assert len(list(nights.history("default", member_id, 1))) == 1


def test_of_two_runs_at_once_the_one_that_looked_last_writes_the_pages() -> None:
    crowd(20)
    member_id = shopper()
    segment_members(TODAY)
    crowd(20, seed=8)
    real, looked = labels.write, False

    def write(changes: Any) -> Any:
        nonlocal looked
        stale = real(changes)
        if not looked:
            looked = True
            buy()
            segment_members(NIGHT)
        return stale

    with (
        patch("siyu.services.label_members.labels.write", write),
        pytest.raises(ContentionError, match="another run"),
    ):
        segment_members(NIGHT)
    (report,) = segment_members(NIGHT)
    assert pages(NIGHT)[member_id].entry.code == codes()[member_id]
    assert sum(report.flows.values()) == len(pages(NIGHT))


def test_a_run_that_wrote_over_the_pages_of_another_writes_them_once_more() -> None:
    member_id = shopper()
    segment_members(TODAY)
    real, looked = nights.put_pages, False

    def put(*page: Any) -> None:
        nonlocal looked
        if not looked:
            looked = True
            buy()
            segment_members(NIGHT)
        real(*page)

    with patch("siyu.storage.nights.put_pages", put):
        (report,) = segment_members(NIGHT)
    entry = pages(NIGHT)[member_id].entry
    assert entry.code == codes()[member_id]
    assert report.flows == {f"{entry.before}>{entry.code}": 1}
    assert segment_members(NIGHT) == [report]


def test_a_run_that_has_the_night_no_more_publishes_and_reports_nothing() -> None:
    shopper()
    segment_members(TODAY)
    mine, other = begin(NIGHT, "mine"), begin(NIGHT, "other")
    lines = {"default": CutPoints("default", 1, NIGHT, 0)}
    before = dump()
    with pytest.raises(ContentionError, match="another run"):
        publish(mine, lines, 1)
    with pytest.raises(ContentionError, match="another run"):
        finish(NIGHT, [], "mine")
    assert dump().keys() - before.keys() == {("SEG#default", f"T#{NIGHT}")}
    publish(other, lines, 1)
    finish(NIGHT, [Report("default", 1, NIGHT)], "other")
    assert reports_of(NIGHT) == [Report("default", 1, NIGHT)]
    board = nights.last_published()
    assert board is not None
    assert board.run is None


def test_of_two_runs_of_the_first_night_one_publishes() -> None:
    shopper()
    mine, other = begin(TODAY, "mine"), begin(TODAY, "other")
    lines = {"default": CutPoints("default", 1, TODAY, 0)}
    publish(mine, lines, 1)
    with pytest.raises(ContentionError, match="another run"):
        publish(other, lines, 1)
