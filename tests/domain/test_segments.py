"""Scores by exact quintiles, equal values alike, the same in any order of reading."""

import math
import random
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.segments import GROUPS, STAGES, Measure, cut, label, quantiles, score

NIGHT = date(2026, 11, 22)
TODAY = NIGHT.toordinal()
measures = st.builds(
    Measure,
    st.integers(TODAY - 500, TODAY),
    st.integers(1, 20),
    st.integers(-500, 100_000),
    st.just(TODAY - 600),
)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=60))
def test_quantiles_are_the_inverted_cdf(values: list[int]) -> None:
    ordered = sorted(values)
    expected = tuple(
        ordered[max(math.ceil(percent * len(ordered) / 100) - 1, 0)] for percent in (20, 40, 60, 80)
    )
    assert quantiles(Counter(values), (20, 40, 60, 80)) == expected


@given(st.lists(measures, min_size=1, max_size=80))
def test_labels_do_not_depend_on_the_order_of_reading(drawn: list[Measure]) -> None:
    shuffled = drawn[:]
    random.Random(1).shuffle(shuffled)
    cuts = cut(NIGHT, drawn)
    assert cuts == cut(NIGHT, shuffled)
    for measure in drawn:
        placed = label(measure, cuts)
        assert placed.group in GROUPS.values()
        assert placed.stage in STAGES


def test_five_equal_fifths_score_one_to_five() -> None:
    lines = quantiles(Counter(range(100)), (20, 40, 60, 80))
    assert Counter(score(value, lines) for value in range(100)) == dict.fromkeys(range(1, 6), 20)


def test_equal_values_score_alike_even_across_a_cut() -> None:
    lines = quantiles(Counter([1] * 70 + [2] * 30), (20, 40, 60, 80))
    assert {score(1, lines), score(2, lines)} == {1, 4}


def test_a_night_without_purchases_labels_by_joining_alone() -> None:
    cuts = cut(NIGHT, [])
    assert label(Measure(None, 0, 0, TODAY - 30), cuts).stage == "new"
    assert label(Measure(None, 0, -500, TODAY - 31), cuts).stage == "prospect"
    assert label(Measure(None, 0, 0, TODAY), cuts).group is None


POPULATION = [Measure(TODAY - 10 * n, 1 + n % 3, 1_000 + 100 * n, 0) for n in range(20)]


@pytest.mark.parametrize(
    ("measure", "stage"),
    [
        (Measure(TODAY - 366, 9, 10**6, 0), "lost"),
        (Measure(TODAY - 365, 9, 10**6, 0), "dormant"),
        (Measure(TODAY - 181, 9, 10**6, 0), "dormant"),
        (Measure(TODAY - 180, 9, 10**6, 0), "super_user"),
        (Measure(TODAY, 3, 5, 0), "key_care"),
        (Measure(TODAY, 2, 5, 0), "repeat"),
        (Measure(TODAY, 1, 5, 0), "first_purchase"),
    ],
)
def test_stages(measure: Measure, stage: str) -> None:
    assert label(measure, cut(NIGHT, POPULATION)).stage == stage


def test_groups_split_at_the_mean_score() -> None:
    cuts = cut(NIGHT, POPULATION)
    assert label(Measure(TODAY, 9, 10**6, 0), cuts).group == "important_value"
    assert label(Measure(TODAY - 190, 1, 1, 0), cuts).group == "general_win_back"
    assert label(Measure(TODAY - 190, 1, 10**6, 0), cuts).group == "important_win_back"


@given(measures)
def test_a_measure_packs_and_unpacks(measure: Measure) -> None:
    assert Measure.unpack(measure.pack()) == measure
    idle = Measure(None, 0, -3, 5)
    assert Measure.unpack(idle.pack()) == idle
