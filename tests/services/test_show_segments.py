"""Sizes and lines of a scheme night by night, as the nights left them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.schemes import DEFAULT, Cutting, Scheme, Schemes
from siyu.domain.segments import Label
from siyu.errors import NotFoundError, SpanRefusedError
from siyu.services.segment_members import segment_members
from siyu.services.show_segments import show_segments
from siyu.storage import schemes
from tests.services.rules import buy, member
from tests.services.seasons import Season
from tests.support import NOW

TONIGHT = NOW.date()
DAY = timedelta(days=1)


def test_each_night_has_the_sizes_that_members_add_up_to_and_the_lines_it_drew() -> None:
    season = Season(1).play(3)
    first, last = season.nights[0].as_of, season.nights[-1].as_of
    shown = show_segments(DEFAULT.name, first, last)
    assert [one.report.as_of for one in shown] == [night.as_of for night in season.nights]
    for one, night in zip(shown, season.nights, strict=True):
        assert one.lines is not None
        assert one.lines.as_of == night.as_of
        assert one.report.members == len(night.after)
        bought = [measure for measure in night.measures.values() if measure.orders]
        assert one.report.population == one.lines.population == len(bought)
        counted = Counter(Label.of_code(code).stage for code in night.after.values())
        sizes = {name: part.members for name, part in one.report.stages.items() if part.members}
        assert sizes == counted
        net = sum(part.net_minor for part in one.report.stages.values())
        assert net == sum(measure.net_minor for measure in night.measures.values())


def test_a_frozen_scheme_shows_the_lines_that_were_in_force() -> None:
    member("bob", 1)
    buy("1", 10_000)
    frozen = replace(
        DEFAULT, cutting=Cutting.FROZEN, min_population=1, version=2, effective_from=TONIGHT
    )
    schemes.append(Schemes(), frozen, {"default@2": "ann"})
    for night in range(4):
        segment_members(TONIGHT + night * DAY)
    shown = show_segments("default", TONIGHT + DAY, TONIGHT + 3 * DAY)
    assert [one.report.as_of - TONIGHT for one in shown] == [DAY, 2 * DAY, 3 * DAY]
    assert {one.lines.as_of for one in shown if one.lines} == {TONIGHT}
    changed = replace(frozen, version=3, new_days=7, effective_from=TONIGHT + 4 * DAY)
    schemes.append(schemes.load(), changed, {})
    segment_members(TONIGHT + 4 * DAY)
    lines = [one.lines for one in show_segments("default", TONIGHT, TONIGHT + 9 * DAY)]
    assert [(one.version, one.as_of - TONIGHT) for one in lines if one] == [
        *[(2, 0 * DAY)] * 4,
        (3, 4 * DAY),
    ]


def test_without_a_first_day_it_is_thirty_days() -> None:
    for days in (30, 29, 0):
        segment_members(TONIGHT - days * DAY)
    shown = show_segments("default", None, TONIGHT)
    assert [one.report.as_of for one in shown] == [TONIGHT - 29 * DAY, TONIGHT]


def test_four_hundred_days_are_the_most() -> None:
    segment_members(TONIGHT)
    assert len(show_segments("default", TONIGHT - 399 * DAY, TONIGHT)) == 1
    for since, reason in (
        (TONIGHT - 400 * DAY, "span_too_long"),
        (TONIGHT + DAY, "span_is_empty"),
    ):
        with pytest.raises(SpanRefusedError) as refused:
            show_segments("default", since, TONIGHT)
        assert refused.value.reason == reason


def test_a_scheme_without_nights_shows_none_and_an_unknown_one_is_not_found() -> None:
    assert list(show_segments("default", None, TONIGHT)) == []
    with pytest.raises(NotFoundError):
        show_segments("north", None, TONIGHT)
    schemes.append(Schemes(), Scheme("north", effective_from=TONIGHT), {})
    assert list(show_segments("north", None, TONIGHT)) == []
