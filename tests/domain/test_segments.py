"""Where a member stands follows from figures, scheme and lines, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.cut_points import CutPoints
from siyu.domain.placing import Placing
from siyu.domain.schemes import Scheme
from siyu.domain.segments import AIPL, GROUPS, STAGES, Label, Measure, place
from tests.domain.populations import (
    NIGHT,
    TODAY,
    bought,
    buyers,
    cuts_of,
    measures,
    patient,
    schemes,
)

crowds = st.lists(measures(), min_size=1, max_size=40)
SCHEME = Scheme("default")
CUTS = CutPoints(
    "default", 1, NIGHT, 20, (120, 60, 30, 7), (1, 2, 3, 4), (1_000, 2_000, 3_000, 4_000),
    (60, 2, 2_500), 10**6, 3,
)  # fmt: skip
UNSCORED = CutPoints("default", 1, NIGHT, 3)


def who(
    idle: int | None, orders: int = 1, net: int = 500, ever: int | None = None, age: int = 400
) -> Measure:
    last = None if idle is None else TODAY - idle
    return Measure(last, orders, net, orders if ever is None else ever, TODAY - age)


@patient
@given(crowds, schemes(), st.integers(0, 40))
def test_columns_are_placed_as_each_member_by_itself(
    crowd: list[Measure], scheme: Scheme, later: int
) -> None:
    """Also by the lines of another night, which may have been frozen."""
    cuts, as_of = cuts_of(crowd, scheme), NIGHT + timedelta(days=later)
    placing = Placing(scheme, cuts, as_of)
    for part in (crowd[::2], crowd):
        numbers = placing.numbers(
            [one.last_day or 0 for one in part],
            [one.joined_day for one in part],
            [one.orders for one in part],
            [one.net_minor for one in part],
            [one.orders_ever for one in part],
        )
        expected = [place(one, scheme, cuts, as_of) for one in part]
        assert [placing.label(number) for number in numbers] == expected


@patient
@given(crowds, schemes())
def test_everybody_has_one_place_of_those_there_are(crowd: list[Measure], scheme: Scheme) -> None:
    cuts = cuts_of(crowd, scheme)
    for one in crowd:
        placed = place(one, scheme, cuts, NIGHT)
        assert placed.stage in STAGES
        assert placed.aipl in AIPL
        scored = cuts.high is not None and one in bought(crowd)
        assert (placed.group in GROUPS.values()) == (placed.scores is not None) == scored


@patient
@given(buyers, buyers, schemes(), st.lists(buyers, max_size=30))
def test_more_of_everything_is_never_worse(
    one: Measure, other: Measure, scheme: Scheme, crowd: list[Measure]
) -> None:
    more = Measure(
        max(one.last_day or 0, other.last_day or 0),
        max(one.orders, other.orders),
        max(one.net_minor, other.net_minor),
        max(one.orders_ever, other.orders_ever),
        one.joined_day,
    )
    cuts = cuts_of([one, other, more, *crowd], scheme)
    lower = place(one, scheme, cuts, NIGHT).scores
    higher = place(more, scheme, cuts, NIGHT).scores
    assert (lower is None) == (higher is None)
    assert all(low <= high for low, high in zip(lower or (), higher or (), strict=True))


@patient
@given(buyers, schemes(), st.lists(buyers, max_size=30))
def test_equal_values_have_equal_scores(one: Measure, scheme: Scheme, crowd: list[Measure]) -> None:
    twin = replace(one, joined_day=one.joined_day - 1)
    cuts = cuts_of([one, twin, *crowd], scheme)
    assert place(one, scheme, cuts, NIGHT) == place(twin, scheme, cuts, NIGHT)


@pytest.mark.parametrize(
    ("measure", "stage"),
    [
        (who(366, 9, 10**7), "lost"),
        (who(365, 9, 10**7), "dormant"),
        (who(181, 9, 10**7), "dormant"),
        (who(180, 9, 10**7), "super_user"),
        (who(0, 9, 10**6), "super_user"),
        (who(0, 9, 10**6 - 1), "key_care"),
        (who(0, 3), "key_care"),
        (who(0, 2), "repurchase_1"),
        (who(0, 1), "first_purchase"),
        (who(0, 0, 0, ever=1), "first_purchase"),
        (who(0, 0, 10**7, ever=9), "repurchase_5_or_more"),
        (who(0, 1, ever=2), "repurchase_1"),
        (who(0, 1, ever=5), "repurchase_4"),
        (who(0, 1, ever=6), "repurchase_5_or_more"),
        (who(0, 1, ever=70), "repurchase_5_or_more"),
        (who(None, 0, 0, age=0), "new"),
        (who(None, 0, -500, age=30), "new"),
        (who(None, 0, 0, age=31), "prospect"),
    ],
)
def test_the_first_stage_that_holds_counts(measure: Measure, stage: str) -> None:
    assert place(measure, SCHEME, CUTS, NIGHT).stage == stage


@pytest.mark.parametrize(
    ("measure", "aipl"),
    [
        (who(None, 0, age=31), "aware"),
        (who(None, 0, age=30), "interest"),
        (who(0, 1), "purchase"),
        (who(0, 1, ever=9), "purchase"),
        (who(0, 2), "loyalty"),
        (who(365, 2), "loyalty"),
        (who(366, 2), "purchase"),
        (who(366, 0, ever=2), "purchase"),
    ],
)
def test_aipl(measure: Measure, aipl: str) -> None:
    assert place(measure, SCHEME, CUTS, NIGHT).aipl == aipl


@pytest.mark.parametrize("sides", list(product([True, False], repeat=3)))
def test_a_group_for_each_combination_of_sides(sides: tuple[bool, bool, bool]) -> None:
    """To be on the high side is to be beyond the line, not on it."""
    recent, often, much = sides
    one = who(59 if recent else 60, 3 if often else 2, 2_501 if much else 2_500)
    assert place(one, SCHEME, CUTS, NIGHT).group == GROUPS[sides]


def test_the_eight_groups_are_eight() -> None:
    assert len(GROUPS) == len(set(GROUPS.values())) == 8


@pytest.mark.parametrize("value", range(1, 6))
def test_a_value_on_a_line_is_not_beyond_it(value: int) -> None:
    scores = place(who(0, value, 1_000 * value), SCHEME, CUTS, NIGHT).scores
    assert scores == (5, value, value)


@pytest.mark.parametrize(
    ("idle", "score"), [(120, 1), (119, 2), (60, 2), (59, 3), (30, 3), (29, 4), (7, 4), (6, 5)]
)
def test_recency_scores_by_days_since_the_last_purchase(idle: int, score: int) -> None:
    scores = place(who(idle), SCHEME, CUTS, NIGHT).scores
    assert scores is not None
    assert scores[0] == score


def test_without_lines_nobody_is_scored_and_stages_go_by_days_and_orders() -> None:
    placed = place(who(0, 9, 10**7), SCHEME, UNSCORED, NIGHT)
    assert placed == Label("repurchase_5_or_more", "loyalty")
    assert place(who(366, 9), SCHEME, UNSCORED, NIGHT).stage == "lost"
    assert place(who(None, 0, age=5), SCHEME, UNSCORED, NIGHT) == Label("new", "interest")


def test_who_bought_outside_the_window_alone_is_not_scored() -> None:
    assert place(who(100, 0, 0, ever=3), SCHEME, CUTS, NIGHT) == Label("repurchase_2", "purchase")


@pytest.mark.parametrize("stage", STAGES)
def test_a_label_comes_back_from_its_code(stage: str) -> None:
    labels = [Label(stage, aipl, group) for aipl in AIPL for group in (None, *GROUPS.values())]
    codes = [label.code for label in labels]
    assert [Label.of_code(code) for code in codes] == labels
    assert {len(code) for code in codes} == {3}
    assert len(set(codes)) == len(labels)


@patient
@given(buyers, schemes(), st.lists(buyers, max_size=20))
def test_a_code_says_all_but_the_scores(one: Measure, scheme: Scheme, crowd: list[Measure]) -> None:
    placed = place(one, scheme, cuts_of([one, *crowd], scheme), NIGHT)
    assert Label.of_code(placed.code) == replace(placed, scores=None)


@pytest.mark.parametrize("text", ["", "a0", "a0A-", "z0A", "a9A", "axA", "a0X", "---"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        Label.of_code(text)
