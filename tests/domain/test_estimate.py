"""Estimates from some shards hold the truth as often as they say."""

from __future__ import annotations

import random
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain import estimate

ALL = 64


@given(st.integers(0, 10**7), st.integers(1, ALL - 1))
def test_members_are_the_roots_of_the_binomials_bound(found: int, read: int) -> None:
    """|k - T p| <= 1.96 sqrt(T p (1 - p)) within the ends, and not outside of them."""
    told = estimate.members(found, read, ALL)

    def speaks_against(total: int) -> bool:
        # Squared, and times the squares of 64 and 100: all in integers.
        off = 10_000 * (found * ALL - total * read) ** 2
        return off > 38_416 * total * read * (ALL - read)

    assert found <= told.low <= told.value <= told.high
    assert not speaks_against(told.value)
    assert speaks_against(told.high + 1)
    if told.low > found:
        assert speaks_against(told.low - 1)


@given(st.integers(0, 10**9), st.integers(0, 10**12))
def test_all_shards_leave_nothing_to_estimate(found: int, net: int) -> None:
    assert estimate.members(found, ALL, ALL) == estimate.Estimate(found, found, found)
    assert estimate.total(net, net * net, ALL, ALL) == estimate.Estimate(net, net, net)


@given(st.lists(st.integers(-9_000, 10**7), min_size=1), st.integers(1, ALL - 1))
def test_a_sums_interval_is_its_standard_error(values: list[int], read: int) -> None:
    told = estimate.total(sum(values), sum(one * one for one in values), read, ALL)
    part = read / ALL
    expected = 1.96 * sqrt((1 - part) * sum(one * one for one in values)) / part
    assert told.high - told.value == pytest.approx(expected, rel=1e-6, abs=4)
    assert told.value - told.low == told.high - told.value
    assert told.value == sum(values) * ALL // read


@pytest.mark.parametrize("members", [3, 40, 600])
def test_the_interval_holds_the_truth_as_often_as_it_says(members: int) -> None:
    """Members spread over shards as their hashes do; eight shards are read."""
    randomness, held, sums = random.Random(20261126), 0, 0
    amounts = [randomness.randint(100, 90_000) for _ in range(members)]
    for _ in range(800):
        found = [one for one in amounts if randomness.randrange(ALL) < 8]
        told = estimate.members(len(found), 8, ALL)
        held += told.low <= members <= told.high
        net = estimate.total(sum(found), sum(one * one for one in found), 8, ALL)
        sums += net.low <= sum(amounts) <= net.high
    assert held / 800 > 0.93
    # Of a sum that hangs on a few members a few shards say little.
    assert sums / 800 > 0.9 or members < 100
