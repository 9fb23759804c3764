"""Waiting ends when what is wanted is seen; the story's figures and names are the template's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from infra.e2e import story
from infra.e2e.stack import CALLERS_OF_WECHAT, DUE
from infra.e2e.steps import eventually, expect, step
from infra.local.errors import LocalError
from infra.local.stack import TEMPLATE
from infra.local.template import functions, load_template
from siyu.domain.programmes import PROGRAMME


def seen(*values: int) -> Iterator[int]:
    """One value a look, the last one for ever."""
    yield from values
    while True:
        yield values[-1]


def test_it_looks_until_it_sees_what_is_wanted() -> None:
    looks = seen(0, 1, 2, 3)
    eventually("the number", looks.__next__, 2)
    assert next(looks) == 3


def test_it_tells_what_it_saw_last_when_the_time_is_over() -> None:
    with pytest.raises(LocalError, match=r"^the number: 7 after 0 s in the place of 8$"):
        eventually("the number", seen(7).__next__, 8, seconds=0)


def test_a_difference_is_told_with_both_sides() -> None:
    expect("the number", 7, 7)
    with pytest.raises(LocalError, match=r"^the number: 7 in the place of 8$"):
        expect("the number", 7, 8)


def test_a_step_that_fails_is_not_told_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(LocalError), step("build"):
        raise LocalError("no")
    assert capsys.readouterr().out == "[e2e] build ...\n"


def test_the_figures_are_those_of_the_rules_in_force() -> None:
    def credit(of: int) -> int:
        return of * PROGRAMME.rate_bp // 10_000

    assert credit(story.PAID) == story.CREDIT
    assert credit(story.PAID - story.RETURNED) == story.CREDIT_LEFT
    assert PROGRAMME.hold_days == story.HOLD_DAYS


def test_nights_begin_in_the_brands_calendar() -> None:
    assert story.at(date(2026, 12, 11), 2, 30) == datetime(2026, 12, 10, 18, 30, tzinfo=UTC)


def test_what_the_story_names_is_in_the_template() -> None:
    known = functions(load_template(TEMPLATE))
    assert set(CALLERS_OF_WECHAT) <= known.keys()
    schedules = {
        f"{function}{one.name}": one.payload
        for function, spec in known.items()
        for one in spec.schedules
    }
    for name in (story.RELEASE, story.SEGMENT, story.RECONCILE):
        assert DUE in schedules[name]
