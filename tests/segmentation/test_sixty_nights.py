"""Sixty nights of a shop's life: what is kept day by day is what a rebuild from the facts says, and
every night leaves the labels, sizes and moves that the definitions say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from siyu.domain.schemes import Cutting, High, Lines, Rule, Scheme
from siyu.services.rebuild_figures import rebuild
from siyu.storage import schemes
from tests.segmentation.life import Life
from tests.segmentation.observer import Observer

FIRST = date(2026, 9, 1)
NIGHTS = 60
MEMBERS, ACTIONS = 14, 7
MISSED, TWICE, LATE, VERY_LATE = {23}, {7, 31}, {12, 40}, {47}
SHORT = Scheme("short", window_days=90, stores=("N1N",), min_population=2, dormant_days=20)
CHANGES: dict[int, Scheme] = {
    10: SHORT,
    20: Scheme("default", 2, rule=Rule.LINEAR, high=High.MEDIAN, new_days=5, dormant_days=30),
    30: replace(SHORT, version=2, cutting=Cutting.WEEKLY, high=High.MEAN),
    45: replace(
        SHORT,
        version=3,
        rule=Rule.OWN,
        own_lines=Lines((60, 30, 10, 5), (1, 2, 3, 4), (1_000, 5_000, 20_000, 50_000)),
        high=High.OWN,
        own_high=(20, 2, 10_000),
    ),
}


def publish(scheme: Scheme, night: date) -> None:
    schemes.append(schemes.load(), replace(scheme, effective_from=night), {})


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixty_nights(seed: int) -> None:
    life = Life(seed)
    life.begin(FIRST - timedelta(days=1), MEMBERS)
    seen = Observer(life)
    for number in range(NIGHTS):
        day = FIRST + timedelta(days=number)
        if number in CHANGES:
            publish(CHANGES[number], day)
        life.live(day, ACTIONS // 3, 0, 2)  # between midnight and the night
        if number - 1 in VERY_LATE:
            seen.night(day - timedelta(days=1))  # after orders of a day that it does not count
        if number not in MISSED | LATE | VERY_LATE:
            seen.night(day)
        if number in TWICE:
            seen.again(day)
        if number % 10 == 0:
            assert rebuild().differences == []
        life.live(day, ACTIONS)
        if number in LATE:
            seen.night(day)
    result = rebuild()
    assert (result.differences, result.labels) == ([], True)
    assert result.members == len(life.members)
    assert min(life.done.values()) > 0
    assert seen.moves > len(life.members)
