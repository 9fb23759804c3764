"""Several schemes side by side, each with its own window, stores and nights of drawing lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from siyu.domain.cut_points import CutPoints
from siyu.domain.label_book import LabelBook
from siyu.domain.schemes import DEFAULT, Cutting, Rule, Scheme
from siyu.services.segment_members import segment_members
from siyu.storage import nights, schemes
from tests.services.crowd import books, codes, crowd, expected, pages, shopper
from tests.services.shop import TODAY, paid
from tests.support import dump

DAY = timedelta(days=1)
SUNDAY, MONDAY, TUESDAY = (date(2026, 11, day) for day in (22, 23, 24))


def publish(scheme: Scheme) -> None:
    schemes.append(schemes.load(), scheme, {})


def lines(name: str = "default") -> CutPoints:
    """The lines that orders go by."""
    board = nights.last_published()
    assert board is not None
    return {scheme.name: cuts for scheme, cuts in board.schemes}[name]


@pytest.mark.parametrize(
    ("cutting", "night", "drawn_on"),
    [
        (Cutting.NIGHTLY, TUESDAY, TUESDAY),
        (Cutting.WEEKLY, TUESDAY, MONDAY),
        (Cutting.MONTHLY, TUESDAY, SUNDAY),
        (Cutting.MONTHLY, date(2026, 12, 1), date(2026, 12, 1)),
        (Cutting.FROZEN, date(2026, 12, 1), SUNDAY),
    ],
)
def test_lines_are_drawn_in_their_nights_and_stand_in_between(
    cutting: Cutting, night: date, drawn_on: date
) -> None:
    publish(replace(DEFAULT, cutting=cutting))
    drawn = {}
    for number, day in enumerate(sorted({SUNDAY, MONDAY, night})):
        # Others every night, so that lines drawn anew are other lines.
        crowd(10, seed=number)
        (report,) = segment_members(day)
        assert (report.as_of, report.members) == (day, 10 * (number + 1))
        drawn[day] = lines()
    assert lines().as_of == drawn_on
    assert lines() == drawn[drawn_on]
    assert len({(cuts.as_of, cuts.monetary) for cuts in drawn.values()}) == len(
        {cuts.as_of for cuts in drawn.values()}
    )
    assert {one: code for one, code in codes().items() if code != expected(one, night).code} == {}


def test_lines_that_stand_are_published_once_and_every_night_reports() -> None:
    publish(replace(DEFAULT, cutting=Cutting.FROZEN))
    crowd(10)
    for night in (SUNDAY, MONDAY, TUESDAY):
        segment_members(night)
    reports = [night for night, _ in nights.between("default", "RUN#", SUNDAY, TUESDAY)]
    assert reports == [SUNDAY, MONDAY, TUESDAY]
    (first,) = nights.between("default", "T#", SUNDAY, TUESDAY)
    assert first[0] == SUNDAY


def test_another_version_draws_lines_of_its_own_in_its_first_night() -> None:
    publish(replace(DEFAULT, cutting=Cutting.FROZEN))
    crowd(12)
    segment_members(SUNDAY)
    later = replace(DEFAULT, version=2, cutting=Cutting.FROZEN, rule=Rule.LINEAR)
    publish(replace(later, effective_from=TUESDAY))
    segment_members(MONDAY)
    assert (lines().version, lines().as_of) == (1, SUNDAY)
    segment_members(TUESDAY)
    assert (lines().version, lines().as_of) == (2, TUESDAY)


def test_each_scheme_has_its_labels_report_and_pages_and_a_store_only_its_members() -> None:
    south, north = crowd(20), crowd(20, store="N0R")
    publish(Scheme("north", stores=("N0R",), window_days=90))
    publish(Scheme("recent", window_days=30))
    reports = {report.scheme: report for report in segment_members(TODAY)}
    assert list(reports) == ["default", "north", "recent"]
    assert {name: report.members for name, report in reports.items()} == {
        "default": 40,
        "north": 20,
        "recent": 40,
    }
    for name, members in (
        ("default", {*south, *north}),
        ("north", {*north}),
        ("recent", {*south, *north}),
    ):
        labelled = {one: code for one, code in codes(name).items() if code is not None}
        assert labelled == {one: expected(one, scheme=name).code for one in members}
        assert pages(TODAY, name).keys() == members
        assert sum(part.members for part in reports[name].stages.values()) == len(members)
    populations = [reports[name].population for name in ("default", "recent")]
    assert populations[0] > populations[1]


def test_an_order_labels_its_member_by_every_scheme_at_once() -> None:
    crowd(20)
    crowd(20, store="N0R")
    publish(Scheme("north", stores=("N0R",)))
    publish(Scheme("recent", window_days=30))
    member_id = shopper()
    segment_members(TODAY)
    before = books()[member_id]
    paid("1", 60_000, buyer_id="b")
    after = books()[member_id]
    assert after.entries.keys() == before.entries.keys() == {"default", "recent"}
    for name in after.entries:
        assert after.code(name) == expected(member_id, scheme=name).code != before.code(name)


def test_a_scheme_that_is_turned_off_leaves_what_it_said_and_says_no_more() -> None:
    member_id = shopper()
    publish(Scheme("recent", window_days=30))
    segment_members(TODAY)
    publish(Scheme("recent", version=2, window_days=30, enabled=False))
    assert [report.scheme for report in segment_members(TODAY + DAY)] == ["default"]
    stood = books()[member_id].entries["recent"]
    paid("1", 60_000, buyer_id="b")
    assert books()[member_id].entries["recent"] == stood


def test_schemes_of_which_none_is_on_label_nobody() -> None:
    crowd(5)
    publish(replace(DEFAULT, enabled=False))
    assert segment_members(TODAY) == []
    assert all(book == LabelBook() for book in books().values())
    before = dump()
    assert segment_members(TODAY) == []
    assert dump() == before
