"""Every deed, and before each of its calls every other one: a part of the pairs for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from unittest.mock import patch

import pytest

from siyu.storage.transaction import Transaction
from tests.interleavings.pairs import Village, without_chance
from tests.support import fresh_engine

pytestmark = pytest.mark.slow
PARTS = 48


@pytest.fixture
def village() -> Iterator[Village]:
    with without_chance():
        yield Village()


@pytest.mark.parametrize("part", range(PARTS))
def test_two_deeds_at_once_end_as_one_after_the_other(village: Village, part: int) -> None:
    wrong: list[str] = []
    for first, second in list(permutations(village.deeds, 2))[part::PARTS]:
        fresh_engine()
        wrong += map(str, village.play(first, second))
    assert not wrong, "\n".join(wrong[:3])


def test_who_writes_over_what_was_not_read_is_found(village: Village) -> None:
    """The product with a mistake: it does not ask whether what it writes over is what it read."""
    pair = "b1 is refunded", "bob buys"
    assert not list(village.play(*pair))
    with patch.object(Transaction, "replace", lambda self, label, item, **_: self.put(label, item)):
        assert list(village.play(*pair))
