"""Orders that come while a night is on, and lines that stay only where there are any."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from siyu.domain.label_book import BY_NIGHT
from siyu.domain.schemes import DEFAULT, Cutting, Schemes
from siyu.domain.segments import Label
from siyu.services.segment_members import begin, segment_members
from siyu.storage import nights, schemes
from tests.services.crowd import codes, crowd, pages, shopper
from tests.services.shop import TODAY, paid, refunded, settle

DAY = timedelta(days=1)
FIRST, SECOND = "first_purchase", "repurchase_1"


def stage(code: str | None) -> str:
    return Label.of_code(code or "").stage


def test_an_order_between_the_beginning_of_a_night_and_its_look_is_of_that_night() -> None:
    member_id = shopper()
    segment_members(TODAY)
    begin(TODAY + DAY)
    paid("1", 2_000, buyer_id="b")
    settle()
    segment_members(TODAY + DAY)
    entry = pages(TODAY + DAY)[member_id].entry
    assert (stage(entry.before), stage(entry.code)) == (FIRST, SECOND)
    assert entry.cause == BY_NIGHT
    (report,) = segment_members(TODAY + 2 * DAY)
    assert member_id not in pages(TODAY + 2 * DAY)
    assert not report.flows


def test_what_is_undone_after_such_a_night_is_a_change_of_the_next() -> None:
    member_id = shopper()
    segment_members(TODAY)
    begin(TODAY + DAY)
    paid("1", 2_000, buyer_id="b")
    settle()
    segment_members(TODAY + DAY)
    refunded("1", "r1", 2_000)
    (report,) = segment_members(TODAY + 2 * DAY)
    entry = pages(TODAY + 2 * DAY)[member_id].entry
    assert (stage(entry.before), stage(entry.code)) == (SECOND, FIRST)
    assert report.flows == {f"{entry.before}>{entry.code}": 1}


def test_frozen_lines_are_drawn_on_the_first_night_that_has_buyers_enough() -> None:
    frozen = replace(
        DEFAULT, version=2, effective_from=TODAY, cutting=Cutting.FROZEN, min_population=5
    )
    schemes.append(Schemes(), frozen, {})
    member_id = shopper()
    segment_members(TODAY)
    assert Label.of_code(codes()[member_id] or "").group is None
    crowd(20)
    segment_members(TODAY + DAY)
    assert Label.of_code(codes()[member_id] or "").group is not None
    drawn = nights.last_published()
    crowd(20, seed=8)
    segment_members(TODAY + 2 * DAY)
    stands = nights.last_published()
    assert drawn is not None
    assert stands is not None
    assert stands.schemes == drawn.schemes
    assert stands.schemes[0][1].as_of == TODAY + DAY
