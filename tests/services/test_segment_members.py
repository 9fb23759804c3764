"""The night labels everybody by the definitions, writes only what changed, and tells who moved."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from siyu.domain.label_book import NOWHERE
from siyu.domain.segments import Label
from siyu.errors import ContentionError
from siyu.services.segment_members import segment_members
from siyu.services.show_member import show_member
from tests.faults import ACCIDENTS, KilledError, at_call
from tests.services.crowd import codes, crowd, every_line, expected, refusing, restore
from tests.services.shop import TODAY, paid, receipt, scan, settle
from tests.support import NOW, dump, kinds

DAY = timedelta(days=1)


def shop_of(members: int) -> None:
    """Members with one to five purchases of random size over the last 400 days."""
    randomness = random.Random(7)
    for number in range(members):
        for purchase in range(randomness.randint(1, 5)):
            at = NOW - timedelta(days=randomness.randint(0, 400))
            paid(
                f"{number}-{purchase}",
                randomness.randint(100, 90_000),
                buyer_id=f"b{number}",
                receipt_token=receipt(number) if purchase == 0 else None,
                occurred_at=at.isoformat(),
            )
        scan(receipt(number), f"shopper{number}")
    settle()


def written() -> dict[Any, Any]:
    """What a night leaves, in the end: labels and all it publishes."""
    return {
        key: item
        for key, item in dump().items()
        if item["kind"]["S"] in ("AGGREGATE", "SEGMENT", "LABEL_PAGE")
    }


def test_a_night_over_a_shop() -> None:
    shop_of(60)
    (report,) = segment_members(TODAY)
    assert (report.members, report.population, report.changed) == (60, 60, 60)
    standing = {member_id: Label.of_code(code or "") for member_id, code in codes().items()}
    for member_id, label in standing.items():
        assert label.code == expected(member_id).code
    for table, counted in (
        (report.groups, Counter(label.group or "unscored" for label in standing.values())),
        (report.stages, Counter(label.stage for label in standing.values())),
        (report.aipl, Counter(label.aipl for label in standing.values())),
    ):
        assert {name: part.members for name, part in table.items() if part.members} == counted
        sales = sum(part.net_minor for part in table.values())
        assert sales == sum(show_member(member).figures.net_minor for member in standing)
    assert sum(part.members for part in report.scores.values()) == 60
    assert report.flows == Counter(f"{NOWHERE}>{code}" for code in codes().values())


def test_a_night_that_is_over_returns_its_reports_and_writes_nothing() -> None:
    crowd(10)
    first = segment_members(TODAY)
    before = dump()
    with every_line() as quiet:
        again = segment_members(TODAY)
    assert again == first
    assert dump() == before
    assert set(quiet.calls) == {"BatchGetItem"}


def test_a_night_that_a_later_one_has_overtaken_returns_nothing_and_writes_nothing() -> None:
    crowd(10)
    segment_members(TODAY + DAY)
    before = dump()
    assert segment_members(TODAY) == []
    assert dump() == before


def test_a_member_sees_stage_and_group() -> None:
    shop_of(10)
    segment_members(TODAY)
    for member_id, code in codes().items():
        shown = show_member(member_id).label
        assert shown is not None
        assert (shown.code, shown.group is None) == (code, False)


def test_a_statement_that_fails_for_now_is_tried_again() -> None:
    crowd(10)
    with refusing("TransactionConflict", 2):
        (report,) = segment_members(TODAY)
    assert report.changed == 10
    assert {one: code for one, code in codes().items() if code != expected(one).code} == {}


def test_a_night_that_is_throttled_to_the_end_says_so_and_the_next_run_completes_it() -> None:
    crowd(40)
    segment_members(TODAY - DAY)
    crowd(40, seed=8)
    start = dump()
    with refusing("ThrottlingError", 99), pytest.raises(ContentionError):
        segment_members(TODAY)
    assert kinds()["LABEL_PAGE"] == 1
    (report,) = segment_members(TODAY)
    end = written()
    restore(start)
    assert segment_members(TODAY) == [report]
    assert written() == end


def test_a_statement_that_is_wrong_stops_the_night() -> None:
    crowd(1)
    with refusing("ValidationError", 1), pytest.raises(RuntimeError, match="ValidationError"):
        segment_members(TODAY)


@pytest.mark.slow
@pytest.mark.parametrize("accident", ACCIDENTS)
def test_a_night_that_died_anywhere_ends_the_same_when_it_is_run_again(accident: str) -> None:
    crowd(12)
    segment_members(TODAY - DAY)
    crowd(12, seed=8)
    start = dump()
    with every_line() as quiet:
        reports = segment_members(TODAY)
    end = written()
    # The shards are read alike, so a death in the first and the last of them stands for all.
    queries = [number for number, name in enumerate(quiet.calls, 1) if name == "Query"]
    for number in range(1, len(quiet.calls) + 1):
        if number in queries[1:-1]:
            continue
        restore(start)
        with every_line(at_call(number, accident)):
            try:
                segment_members(TODAY)
            except KilledError:
                assert accident.startswith("killed")
        assert segment_members(TODAY) == reports
        assert written() == end, f"call {number}, {quiet.calls[number - 1]}"


def test_an_empty_shop_and_a_shop_without_purchases() -> None:
    (empty,) = segment_members(TODAY)
    assert (empty.members, empty.population, kinds()) == (0, 0, {"SEGMENT": 3})
    scan(receipt(1), "ann")
    (report,) = segment_members(TODAY + DAY)
    assert report.stages["new"].members == 1
    assert report.groups["unscored"].members == 1
    assert codes().popitem()[1] == Label("new", "interest").code


def test_cut_points_report_lines_for_orders_and_pages_are_published() -> None:
    crowd(5)
    segment_members(TODAY)
    published = {key for key, item in dump().items() if item["kind"]["S"] != "AGGREGATE"}
    assert published == {
        ("SEG#default", f"T#{TODAY}"),
        ("SEG#default", f"RUN#{TODAY}"),
        ("G#SEGMENTS", "PUBLISHED"),
        ("SEGH#default#1#0", TODAY.isoformat()),
    }
