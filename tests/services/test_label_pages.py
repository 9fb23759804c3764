"""Pages tell who moved since the night before, whatever moved them, each once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from siyu.domain.label_book import BY_NIGHT, BY_ORDER
from siyu.domain.segments import Label
from siyu.services.record_order import record_order
from siyu.services.segment_members import segment_members
from tests.services.crowd import codes, crowd, expected, pages, shopper, table_answers, told
from tests.services.shop import TODAY, paid, receipt, scan
from tests.support import NOW, kinds

DAY = timedelta(days=1)


def test_a_member_who_buys_while_the_night_writes_ends_labelled_by_its_lines() -> None:
    crowd(20)
    member_id = shopper()
    segment_members(TODAY)
    before = codes()[member_id]
    paid("1", 500, buyer_id="b")
    between = codes()[member_id]
    night = TODAY + timedelta(days=200)
    bought: list[object] = []

    def reply(_: int) -> None:
        if not bought:
            bought.append(paid("2", 500_000, buyer_id="b"))

    with table_answers(reply):
        (report,) = segment_members(night)
    assert len(bought) == 1
    code = expected(member_id, night).code
    assert len({before, between, code}) == 3
    assert codes()[member_id] == code
    assert Label.of_code(code).stage == "dormant"
    moved = pages(night)
    assert (moved[member_id].entry.before, moved[member_id].entry.code) == (before, code)
    assert sum(report.flows.values()) == len(moved)
    segment_members(night + DAY)
    assert member_id not in pages(night + DAY)


def test_a_member_who_buys_after_the_night_saw_nothing_to_change_is_told_of_the_night_after() -> (
    None
):
    crowd(20)
    member_id = shopper()
    segment_members(TODAY)
    before = codes()[member_id]
    crowd(20, seed=8)
    bought: list[object] = []

    def reply(_: int) -> None:
        if not bought:
            bought.append(paid("1", 500_000, buyer_id="b"))

    # The night has statements for the others alone.
    with table_answers(reply):
        segment_members(TODAY + DAY)
    code = expected(member_id, TODAY + DAY).code
    assert codes()[member_id] == code != before
    assert member_id not in pages(TODAY + DAY)
    segment_members(TODAY + 2 * DAY)
    entry = pages(TODAY + 2 * DAY)[member_id].entry
    assert (entry.before, entry.code, entry.cause) == (before, code, BY_ORDER)


def test_a_night_that_moves_nobody_leaves_no_page() -> None:
    scan(receipt(1), "ann")
    segment_members(TODAY)
    (report,) = segment_members(TODAY + DAY)
    assert (report.changed, report.flows, pages(TODAY + DAY)) == (0, {}, {})
    assert (len(pages(TODAY)), kinds()["LABEL_PAGE"]) == (1, 1)


def test_pages_tell_who_moved_from_where_whether_an_order_or_the_night_moved_them() -> None:
    crowd(30)
    member_id = shopper()
    segment_members(TODAY)
    first = codes()
    for number in range(1, 4):
        paid(str(number), 1_000, buyer_id="b")
    midday = codes()
    assert {one for one in first if first[one] != midday[one]} == {member_id}
    tomorrow = TODAY + timedelta(days=40)
    (report,) = segment_members(tomorrow)
    second = codes()
    moved = pages(tomorrow)
    assert moved.keys() == {one for one in first if first[one] != second[one]}
    for one, change in moved.items():
        assert (change.entry.before, change.entry.code) == (first[one], second[one])
    assert {change.entry.cause for change in moved.values()} >= {BY_NIGHT}
    assert moved[member_id].orders == 4
    assert moved[member_id].net_minor == 4_000
    assert report.flows == Counter(f"{first[one]}>{second[one]}" for one in moved)


def test_after_an_outage_of_some_days_the_next_night_tells_all_that_changed() -> None:
    crowd(30)
    member_id = shopper()
    segment_members(TODAY)
    first = codes()
    for days in range(1, 4):
        at = NOW + timedelta(days=days)
        record_order(told(at, "order.paid", order_id=str(days), paid_minor=40_000, buyer_id="b"))
        assert codes()[member_id] == expected(member_id, at.date()).code
    night = TODAY + timedelta(days=200)
    segment_members(night)
    second = codes()
    moved = pages(night)
    assert moved.keys() == {one for one in first if first[one] != second[one]}
    assert all(change.entry.before == first[one] for one, change in moved.items())
    assert len(moved) > 5
    segment_members(night + DAY)
    third, moved = codes(), pages(night + DAY)
    assert moved.keys() == {one for one in second if second[one] != third[one]}
    assert third.keys() == first.keys()
