"""Ranks are those of a full sort, whatever the order of counting and in whatever parts."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.quantiles import (
    Bucketed,
    Counted,
    bucket,
    buckets,
    inverted_cdf,
    linear,
    linear_ranks,
    rank_of,
    values_in,
)
from siyu.domain.schemes import Rule
from tests.domain.populations import amounts, quantile

many = st.lists(amounts, min_size=1, max_size=80)
percents = st.integers(1, 100)


def bucketed(values: list[int], ranks: list[int], asked: list[int]) -> Bucketed:
    """Counted by bucket, and looked into where these ranks and values are."""
    counts = Counter(buckets(values))
    wanted = Bucketed(counts, sum(values)).buckets_of(ranks, asked)
    return Bucketed(counts, sum(values), values_in(values, wanted))


@given(st.lists(st.integers(-(2**70), 2**70)))
def test_a_list_has_the_buckets_of_its_values(values: list[int]) -> None:
    assert buckets(values) == [bucket(value) for value in values]


@given(st.integers(-(2**70), 2**70), st.integers(0, 2**60))
def test_a_larger_value_is_never_in_a_smaller_bucket(value: int, more: int) -> None:
    assert bucket(value) <= bucket(value + more)


@given(st.integers(256, 2**60))
def test_a_bucket_is_no_wider_than_a_hundredth_of_its_values(value: int) -> None:
    assert bucket(value + value // 100 + 1) > bucket(value)


def test_small_values_have_a_bucket_of_their_own() -> None:
    values = list(range(-255, 256))
    assert [bucket(value) for value in values] == values


@given(many, st.data())
def test_opened_buckets_know_what_a_full_sort_knows(values: list[int], data: st.DataObject) -> None:
    ordered = sorted(values)
    ranks = data.draw(st.lists(st.integers(1, len(values)), max_size=6))
    asked = data.draw(st.lists(st.one_of(amounts, st.sampled_from(values)), max_size=6))
    parts, whole = bucketed(values, ranks, asked), Counted(Counter(values))
    for known in (parts, whole):
        assert [known.at(rank) for rank in ranks] == [ordered[rank - 1] for rank in ranks]
        assert [known.up_to(one) for one in asked] == [bisect_right(ordered, one) for one in asked]
        assert (known.count, known.total) == (len(values), sum(values))


@given(many, st.data())
def test_parts_that_are_added_up_are_the_whole(values: list[int], data: st.DataObject) -> None:
    part_of = data.draw(
        st.lists(st.integers(0, 3), min_size=len(values), max_size=len(values)), label="part"
    )
    parts = [[one for one, at in zip(values, part_of, strict=True) if at == n] for n in range(4)]
    counts = sum((Counter(buckets(part)) for part in parts), Counter[int]())
    assert counts == Counter(buckets(values))
    wanted = Bucketed(counts, sum(values)).buckets_of(range(1, len(values) + 1), [])
    seen = sum((values_in(part, wanted) for part in parts), Counter[int]())
    assert seen == values_in(values, wanted) == Counter(values)
    known = Bucketed(counts, sum(values), seen)
    assert [known.at(rank + 1) for rank in range(len(values))] == sorted(values)


@given(many, st.lists(amounts, max_size=8))
def test_values_in_buckets_are_those_whose_bucket_is_one_of_them(
    values: list[int], others: list[int]
) -> None:
    """Also where wanted buckets touch, and where a value is the first or the last of one."""
    wanted = {number + step for number in map(bucket, others) for step in (-1, 0, 1)}
    expected = Counter(value for value in values if bucket(value) in wanted)
    assert values_in(values, wanted) == expected
    edges = [value + step for value in values for step in (-1, 0, 1)]
    assert values_in(edges, wanted) == Counter(one for one in edges if bucket(one) in wanted)


def test_a_bucket_that_nobody_looked_into_has_no_answer() -> None:
    values = Bucketed(Counter(buckets([1_000, 1_001])), 2_001)
    with pytest.raises(LookupError, match="nobody looked"):
        values.at(1)
    with pytest.raises(LookupError, match="nobody looked"):
        values.up_to(1_000)
    assert (values.up_to(900), values.up_to(1_100)) == (0, 2)


@given(many, percents)
def test_inverted_cdf_is_the_least_value_that_reaches_the_percentage(
    values: list[int], percent: int
) -> None:
    expected = quantile(values, percent, Rule.INVERTED_CDF)
    assert inverted_cdf(Counted(Counter(values)), percent) == expected
    ranks = [rank_of(percent, len(values))]
    assert inverted_cdf(bucketed(values, ranks, []), percent) == expected
    assert expected in values


@given(many, percents)
def test_linear_is_type_7_rounded_down(values: list[int], percent: int) -> None:
    expected = math.floor(quantile(values, percent, Rule.LINEAR))
    assert linear(Counted(Counter(values)), percent) == expected
    ranks = list(linear_ranks(percent, len(values)))
    assert linear(bucketed(values, ranks, []), percent) == expected


@given(many, percents, st.one_of(amounts, st.none()))
def test_an_integer_is_above_the_line_if_it_is_above_the_real_number(
    values: list[int], percent: int, other: int | None
) -> None:
    exact = quantile(values, percent, Rule.LINEAR)
    line = linear(Counted(Counter(values)), percent)
    for value in {*values, line, line + 1, *([] if other is None else [other])}:
        assert (value > line) == (value > exact)


def test_linear_is_what_numpy_and_r_call_type_7() -> None:
    values = Counted(Counter([1, 2, 3, 10, 100]))
    # numpy.quantile([1, 2, 3, 10, 100], [.2, .4, .6, .8, .9]) -> 1.8, 2.6, 5.8, 28, 64
    assert [linear(values, percent) for percent in (20, 40, 60, 80, 90)] == [1, 2, 5, 28, 64]


@given(percents, st.integers(1, 10**9))
def test_a_rank_is_the_first_that_reaches_its_percentage(percent: int, count: int) -> None:
    rank = rank_of(percent, count)
    assert 1 <= rank <= count
    assert rank * 100 >= percent * count
    assert rank == 1 or (rank - 1) * 100 < percent * count
