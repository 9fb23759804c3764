"""Rules that nobody can have meant are told by field, with what to write instead."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.contradictions import MAX_RETURN_DAYS, contradictions
from siyu.domain.holds import UNDONE_WITHIN
from siyu.domain.programmes import PROGRAMME, Programme

START = datetime(2026, 1, 1, tzinfo=UTC)


def faults(**fields: Any) -> dict[str, str]:
    return dict(contradictions(Programme("v", START, **fields)))


@pytest.mark.parametrize(
    "name",
    [
        "rate_bp",
        "fixed_minor",
        "max_credit_minor",
        "per_day_minor",
        "per_month_minor",
        "per_year_minor",
        "budget_minor",
    ],
)
def test_what_lets_nothing_be_earned_is_a_pause_in_disguise(name: str) -> None:
    (fault,) = faults(**{name: 0}).items()
    assert fault[0] == name
    assert '"enabled": false' in fault[1]
    assert faults(**{name: 0}, enabled=False) == {}


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"per_day_minor": 9, "per_month_minor": 8}, "per_day_minor", "the 8 of per_month_minor"),
        ({"per_day_minor": 9, "per_year_minor": 8}, "per_day_minor", "the 8 of per_year_minor"),
        ({"per_month_minor": 9, "per_year_minor": 8}, "per_month_minor", "the 8 of per_year"),
        ({"max_credit_minor": 9, "per_day_minor": 8}, "max_credit_minor", "the 8 of per_day"),
        ({"max_credit_minor": 9, "budget_minor": 8}, "max_credit_minor", "the 8 of budget_minor"),
        ({"fixed_minor": 9, "max_credit_minor": 8}, "fixed_minor", "the 8 of max_credit_minor"),
        ({"fixed_minor": 9, "per_year_minor": 8}, "fixed_minor", "the 8 of per_year_minor"),
    ],
)
def test_a_limit_that_a_narrower_one_keeps_out_of_reach(
    fields: dict[str, int], name: str, words: str
) -> None:
    (fault,) = faults(**fields).items()
    assert (fault[0], words in fault[1]) == (name, True)
    assert faults(**dict.fromkeys(fields, 8)) == {}


@pytest.mark.parametrize(
    ("pattern", "all_of_it"),
    [
        *(("*", True), ("**", True), ("?*", True), ("*?", True)),
        *((one, False) for one in ("??*", "?", "GIFT-*", "*-GIFT")),
    ],
)
def test_a_pattern_that_excludes_everything(pattern: str, all_of_it: bool) -> None:
    found = faults(excluded_skus=("GIFT", pattern))
    assert list(found) == (["excluded_skus"] if all_of_it else [])


def test_goods_may_come_back_as_long_as_a_till_undoes_what_was_paid_with_credit() -> None:
    assert UNDONE_WITHIN.days == MAX_RETURN_DAYS + 1
    for enabled in (True, False):
        assert faults(return_window_days=MAX_RETURN_DAYS, enabled=enabled) == {}
        found = faults(return_window_days=MAX_RETURN_DAYS + 1, enabled=enabled)
        assert found["return_window_days"].startswith("59 at most")


@given(st.integers(1, 100), st.integers(1, 100), st.integers(1, 100), st.integers(1, 100))
def test_limits_each_within_the_wider_one_contradict_nothing(
    most: int, day: int, month: int, year: int
) -> None:
    most, day, month, year = sorted((most, day, month, year))
    limits = {"per_day_minor": day, "per_month_minor": month, "per_year_minor": year}
    assert faults(max_credit_minor=most, **limits) == {}
    assert list(contradictions(PROGRAMME)) == []
