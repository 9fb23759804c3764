"""The made-up members: the same for the same seed, and spread as those of a shop are."""

from __future__ import annotations

from functools import cache
from statistics import median

import pytest

from infra.bench import members

TODAY = 739_946
COUNT = 2_000


@cache
def make(count: int = COUNT, seed: int = 1) -> list[members.Person]:
    parts = members.chunks(count)
    return [one for part in parts for one in members.people(part, count, seed, TODAY)]


def test_the_same_seed_makes_the_same_members() -> None:
    assert make() == make.__wrapped__()


def test_another_seed_makes_others() -> None:
    assert {one.member_id for one in make()}.isdisjoint(one.member_id for one in make(seed=2))


def test_a_part_is_the_same_made_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "CHUNK", 500)
    first, second, third = members.chunks(1_200)
    assert (first.stop, second.stop, third.stop) == (500, 1_000, 1_200)
    alone = list(members.people(third, 1_200, 1, TODAY))
    everybody = [
        one for part in (first, second, third) for one in members.people(part, 1_200, 1, TODAY)
    ]
    assert everybody[1_000:] == alone


def test_everybody_is_somebody_else() -> None:
    assert len({one.member_id for one in make()}) == COUNT


def test_few_order_much_and_most_order_little() -> None:
    orders = sorted(one.orders for one in make())
    assert 8 <= sum(orders) / COUNT <= 12
    assert 2 <= median(orders) <= 4
    assert orders[-1] > 500


def test_nobody_orders_before_joining_or_after_today() -> None:
    for one in make(500):
        first, last = one.figures.span
        assert not one.figures.buckets or one.joined_day <= first <= last <= TODAY


def test_what_is_refunded_in_whole_counts_as_no_order() -> None:
    everybody = make()
    counted = sum(one.figures.orders for one in everybody) / sum(one.orders for one in everybody)
    assert 0.95 < counted < 0.98
    assert all(net > 0 for one in everybody for _, net in one.figures.buckets.values())
