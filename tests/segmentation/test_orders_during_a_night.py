"""Members buy and give back while a night runs, or between a night that died and its second run.

What a night left of a member is what its page says: each page goes on where the one before ended,
and the last ends where the member stands.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest

from siyu.domain.label_book import NOWHERE
from siyu.domain.schemes import DEFAULT
from siyu.services.rebuild_figures import rebuild
from siyu.services.segment_members import segment_members
from siyu.storage import nights
from tests.faults import KilledError, at_call
from tests.segmentation.accidents import meanwhile, night_line
from tests.segmentation.life import Life

FIRST = date(2026, 9, 1)
BUYING = ("buy", "buy_long_ago", "refund", "cancel", "join", "refund_before_sale")


class Chain:
    """Follows the pages of all members from night to night."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._at: dict[str, str] = {}

    def night(self, as_of: date) -> None:
        """Run a night, or what is left of it, and read its pages."""
        segment_members(as_of)
        self.read(as_of)

    def read(self, as_of: date) -> None:
        """The pages of a night that is over."""
        report = nights.runs(as_of, [DEFAULT.name])[DEFAULT.name]
        pages = list(nights.pages(DEFAULT.name, as_of, report.page_shards))
        assert len({one.member_id for one in pages}) == len(pages)
        for one in pages:
            assert one.entry.before == self._at.get(one.member_id, NOWHERE), one
            assert one.entry.code != one.entry.before
            self._at[one.member_id] = one.entry.code

    def stands(self) -> dict[str, str | None]:
        """Whose label is not where the pages ended."""
        codes = {one: found.book.code(DEFAULT.name) for one, found in self._life.look().items()}
        return {one: code for one, code in codes.items() if code != self._at.get(one)}


def begin(seed: int) -> tuple[Life, Chain]:
    life = Life(seed)
    life.begin(FIRST - timedelta(days=1), 12)
    chain = Chain(life)
    chain.night(FIRST)
    life.live(FIRST, 6, only=BUYING)
    return life, chain


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "place", [10, 77, *(pytest.param(one, marks=pytest.mark.slow) for one in (9, 38, 75, 78, 80))]
)
def test_orders_at_any_call_of_a_night_are_in_one_page(seed: int, place: int) -> None:
    """While it begins, reads, publishes, writes labels and pages, and ends."""
    life, chain = begin(seed)
    day = FIRST + timedelta(days=1)
    with night_line(meanwhile(place, lambda: life.live(day, 8, only=BUYING))) as line:
        segment_members(day)
    assert len(line.calls) >= place
    chain.read(day)
    life.live(day, 4, only=BUYING)
    finish(life, chain, day)


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(one, marks=pytest.mark.slow) for one in (1, 2, 3))]
)
def test_orders_between_a_death_and_the_second_run_are_in_one_page(seed: int) -> None:
    life, chain = begin(seed)
    day = FIRST + timedelta(days=1)
    life.live(day, 8, 0, 2, only=BUYING)
    for place in (77 + seed, 77):
        with suppress(KilledError), night_line(at_call(place, "killed after")):
            segment_members(day)
        life.live(day, 8, only=BUYING)
    chain.night(day)
    life.live(day, 4, only=BUYING)
    finish(life, chain, day)


@pytest.mark.parametrize("place", [10, 38, 77, 78, 80])
def test_a_night_that_nobody_ran_again_is_finished_by_the_next(place: int) -> None:
    life, chain = begin(3)
    day = FIRST + timedelta(days=1)
    with pytest.raises(KilledError), night_line(at_call(place, "killed after")):
        segment_members(day)
    life.live(day, 8, only=BUYING)
    segment_members(day + timedelta(days=1))
    chain.read(day)
    chain.read(day + timedelta(days=1))
    finish(life, chain, day + timedelta(days=1))


def finish(life: Life, chain: Chain, day: date) -> None:
    """Two quiet nights later everybody stands where the pages end, and by the definitions."""
    for number in (1, 2):
        chain.night(day + timedelta(days=number))
    assert chain.stands() == {}
    assert rebuild().differences == []
