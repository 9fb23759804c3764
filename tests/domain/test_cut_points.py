"""Lines are integers, and say of every member what the exact fractions say."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.cut_points import Tally, buckets_to_open, cut
from siyu.domain.quantiles import buckets, values_in
from siyu.domain.schemes import High, Lines, Rule, Scheme
from siyu.domain.segments import Measure, place, scores_of, sides_of
from tests.domain.populations import (
    NIGHT,
    TODAY,
    Exactly,
    bought,
    buyers,
    cuts_of,
    measures,
    patient,
    schemes,
    tally_of,
)

crowds = st.lists(measures(), max_size=40)
populations = st.lists(buyers, min_size=1, max_size=40)
DEFAULT = Scheme("default", min_population=1)


@patient
@given(populations, schemes())
def test_scores_and_sides_are_those_of_exact_fractions(
    population: list[Measure], scheme: Scheme
) -> None:
    scheme = replace(scheme, min_population=1)
    cuts, exact = cuts_of(population, scheme), Exactly.of(population, scheme)
    assert cuts.high is not None
    for one in population:
        idle = TODAY - (one.last_day or 0)
        values = list(enumerate(exact.figures(one)))
        assert scores_of(one, cuts, idle) == tuple(exact.score(*value) for value in values)
        assert sides_of(one, cuts.high, idle) == tuple(exact.is_high(*value) for value in values)


@patient
@given(populations, schemes())
def test_the_top_holds_its_percentage_and_whoever_ties(
    population: list[Measure], scheme: Scheme
) -> None:
    scheme = replace(scheme, min_population=1)
    cuts, exact = cuts_of(population, scheme), Exactly.of(population, scheme)
    top, care = cuts.super_user_minor, cuts.key_care_orders
    assert top is not None
    assert care is not None
    for one in population:
        by_net = exact.is_top(2, one.net_minor, scheme.super_user_percent)
        by_orders = exact.is_top(1, one.orders, scheme.key_care_percent)
        assert (one.net_minor >= top) == by_net
        assert (one.orders >= care) == (by_orders and one.orders >= 2)


@patient
@given(crowds, schemes(), st.randoms(use_true_random=False))
def test_lines_do_not_depend_on_the_order_of_reading(
    crowd: list[Measure], scheme: Scheme, randomness: random.Random
) -> None:
    shuffled = crowd[:]
    randomness.shuffle(shuffled)
    assert cuts_of(shuffled, scheme) == cuts_of(crowd, scheme)


@patient
@given(st.lists(crowds, max_size=4), schemes())
def test_tallies_of_parts_add_up_to_the_tally_of_the_whole(
    parts: list[list[Measure]], scheme: Scheme
) -> None:
    whole = [one for part in parts for one in part]
    added, opened = Tally(), Counter[int]()
    for part in parts:
        added.add(tally_of(part))
    wanted = buckets_to_open(added, scheme)
    for part in parts:
        opened.update(values_in([one.net_minor for one in bought(part)], wanted))
    assert added == tally_of(whole)
    assert added.population == len(bought(whole))
    assert cut(added, opened, scheme, NIGHT) == cuts_of(whole, scheme)


@patient
@given(populations, schemes())
def test_few_buckets_are_looked_into(population: list[Measure], scheme: Scheme) -> None:
    wanted = buckets_to_open(tally_of(population), scheme)
    assert wanted <= set(buckets([one.net_minor for one in population]))
    assert len(wanted) <= 2 + 3 * 5 + 4


@patient
@given(populations, schemes(), st.integers(1, 60))
def test_below_the_least_population_there_are_no_lines(
    population: list[Measure], scheme: Scheme, least: int
) -> None:
    cuts = cuts_of(population, replace(scheme, min_population=least))
    assert (cuts.high is None) == (len(population) < least)
    assert cuts.population == len(population)
    if cuts.high is None:
        assert (cuts.recency, cuts.frequency, cuts.monetary) == ((), (), ())
        assert (cuts.super_user_minor, cuts.key_care_orders) == (None, None)


def test_nobody_bought_and_nobody_is_asked_for_lines() -> None:
    assert cuts_of([], replace(DEFAULT, min_population=0)).high is None
    assert not buckets_to_open(Tally(), replace(DEFAULT, min_population=0))


@patient
@given(populations, schemes(), st.integers(0, 40), buyers)
def test_lines_of_another_day_hold_for_who_is_as_many_days_away(
    population: list[Measure], scheme: Scheme, later: int, one: Measure
) -> None:
    """Frozen recency lines are days, so they move along with the calendar."""
    cuts = cuts_of(population, scheme)
    then = NIGHT + timedelta(days=later)
    moved = replace(one, last_day=(one.last_day or 0) + later)
    assert place(moved, scheme, cuts, then) == place(one, scheme, cuts, NIGHT)


@patient
@given(populations, schemes(), st.integers(1, 40))
def test_a_population_that_moves_with_the_calendar_keeps_its_lines(
    population: list[Measure], scheme: Scheme, later: int
) -> None:
    then = NIGHT + timedelta(days=later)
    moved = [replace(one, last_day=(one.last_day or 0) + later) for one in population]
    drawn = cuts_of(moved, scheme, then)
    assert replace(drawn, as_of=NIGHT) == cuts_of(population, scheme)


@patient
@given(populations, schemes())
def test_lines_run_from_the_first_to_surpass_to_the_last(
    population: list[Measure], scheme: Scheme
) -> None:
    cuts = cuts_of(population, scheme)
    assert list(cuts.recency) == sorted(cuts.recency, reverse=True)
    assert list(cuts.frequency) == sorted(cuts.frequency)
    assert list(cuts.monetary) == sorted(cuts.monetary)
    assert len(cuts.recency) == len(cuts.frequency) == len(cuts.monetary) == 4 * bool(cuts.high)


@patient
@given(populations)
def test_own_lines_are_taken_as_they_are(population: list[Measure]) -> None:
    lines = Lines((180, 90, 30, 7), (1, 2, 4, 8), (10_000, 50_000, 100_000, 500_000))
    scheme = replace(
        DEFAULT, rule=Rule.OWN, own_lines=lines, high=High.OWN, own_high=(60, 2, 80_000)
    )
    cuts = cuts_of(population, scheme)
    assert Lines(cuts.recency, cuts.frequency, cuts.monetary) == lines
    assert cuts.high == (60, 2, 80_000)


def test_when_all_are_alike_nobody_is_above() -> None:
    alike = [Measure(TODAY - 3, 2, 500, 2, 0)] * 7
    for high in (High.MEAN_SCORE, High.MEAN, High.MEDIAN):
        for rule in (Rule.INVERTED_CDF, Rule.LINEAR):
            scheme = replace(DEFAULT, high=high, rule=rule)
            placed = place(alike[0], scheme, cuts_of(alike, scheme), NIGHT)
            assert (placed.scores, placed.group) == ((1, 1, 1), "general_win_back")


def test_when_all_score_five_nobody_is_above() -> None:
    lines = Lines((9, 9, 9, 9), (0, 0, 0, 0), (0, 0, 0, 0))
    scheme = replace(DEFAULT, rule=Rule.OWN, own_lines=lines)
    crowd = [Measure(TODAY - day, 1 + day, 100 * (1 + day), 9, 0) for day in range(4)]
    cuts = cuts_of(crowd, scheme)
    assert {place(one, scheme, cuts, NIGHT).scores for one in crowd} == {(5, 5, 5)}
    assert {place(one, scheme, cuts, NIGHT).group for one in crowd} == {"general_win_back"}
