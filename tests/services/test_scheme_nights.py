"""Several schemes side by side, each with its own window, stores and nights of drawing lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from siyu.domain.cut_points import CutPoints
from siyu.domain.label_book import LabelBook
from siyu.domain.night_report import NO_SCHEME, Report
from siyu.domain.schemes import DEFAULT, Cutting, Rule, Scheme
from siyu.services.rebuild_figures import rebuild
from siyu.services.segment_flows import segment_flows
from siyu.services.segment_members import begin, finish, segment_members
from siyu.services.segment_members import publish as publish_night
from siyu.services.show_member import show_member
from siyu.storage import nights, schemes
from tests.services.crowd import books, codes, crowd, expected, pages, shopper
from tests.services.shop import TODAY, paid, receipt, scan
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
    reports = [one.as_of for one in nights.reports("default", SUNDAY, TUESDAY)]
    assert reports == [SUNDAY, MONDAY, TUESDAY]
    (first,) = nights.lines("default", SUNDAY, TUESDAY)
    assert first.as_of == SUNDAY


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


def test_a_scheme_that_is_turned_off_labels_nobody_from_its_night_on() -> None:
    ann, bob = shopper(), scan(receipt(901), "bob").member_id
    publish(Scheme("recent", window_days=30))
    segment_members(TODAY)
    publish(Scheme("recent", version=2, enabled=False, effective_from=TODAY + DAY))
    paid("1", 60_000, buyer_id="b")
    assert books()[ann].entries.keys() == {"default", "recent"}
    (report,) = segment_members(TODAY + DAY)
    assert report.scheme == "default"
    assert {one: book.entries.keys() for one, book in books().items()} == {
        ann: {"default"},
        bob: {"default"},
    }
    assert codes() == {one: expected(one, TODAY + DAY).code for one in (ann, bob)}
    before = dump()
    paid("2", 70_000, buyer_id="b")
    assert books()[ann].entries.keys() == {"default"}
    assert dump() != before


def test_an_order_takes_the_label_that_the_night_has_not_come_to() -> None:
    ann = shopper()
    publish(Scheme("recent", window_days=30))
    segment_members(TODAY)
    publish(Scheme("recent", version=2, enabled=False, effective_from=TODAY + DAY))
    publish_night(begin(TODAY + DAY), {"default": lines()})
    paid("1", 60_000, buyer_id="b")
    assert books()[ann].entries.keys() == {"default"}


def test_a_store_that_leaves_a_scheme_takes_its_members_along() -> None:
    south, north = crowd(20), crowd(20, store="N0R")
    publish(Scheme("some"))
    segment_members(TODAY)
    publish(Scheme("some", version=2, stores=("N0R",), effective_from=TODAY + DAY))
    segment_members(TODAY + DAY)
    assert {one for one, code in codes("some").items() if code is not None} == {*north}
    flows = segment_flows("some", TODAY, TODAY + DAY, "stage")
    assert sum(part.gone for part in flows.parts.values()) == len(south)


def test_the_night_in_which_the_last_scheme_ends_takes_all_labels_and_is_over() -> None:
    ann = shopper()
    scan(receipt(901), "bob")
    segment_members(TODAY)
    publish(replace(DEFAULT, version=2, enabled=False, effective_from=TODAY + DAY))
    (report,) = segment_members(TODAY + DAY)
    assert (report.scheme, report.members, report.changed) == (NO_SCHEME, 0, 0)
    board = nights.last_published()
    assert board is not None
    assert (board.night, board.begun, board.schemes) == (TODAY + DAY, TODAY + DAY, ())
    assert all(book == LabelBook() for book in books().values())
    assert (show_member(ann).label, rebuild().differences) == (None, [])
    paid("1", 60_000, buyer_id="b")
    assert books()[ann] == LabelBook()
    before = dump()
    assert segment_members(TODAY + DAY) == [report]
    assert segment_members(TODAY) == []
    assert dump() == before
    (report,) = segment_members(TODAY + 2 * DAY)
    assert report.as_of == TODAY + 2 * DAY
    publish(replace(DEFAULT, version=3, effective_from=TODAY + 3 * DAY))
    (report,) = segment_members(TODAY + 3 * DAY)
    assert (report.scheme, report.members, report.changed) == ("default", 2, 2)


def test_what_a_rebuild_finds_of_a_label_without_a_scheme_it_mends() -> None:
    ann = shopper()
    publish(Scheme("recent", window_days=30))
    segment_members(TODAY)
    stood = books()[ann].entries["recent"].code
    publish(Scheme("recent", version=2, enabled=False, effective_from=TODAY + DAY))
    night = begin(TODAY + DAY)
    publish_night(night, {"default": lines()})
    finish(TODAY + DAY, [Report("default", 1, TODAY + DAY)])
    found = [(one.name, one.stored, one.computed) for one in rebuild(write=True).differences]
    assert found == [("label recent", stood, "nothing")]
    assert books()[ann].entries.keys() == {"default"}
