"""Who comes how often."""

from __future__ import annotations

import random
import re
from collections import Counter

from infra.local.engine import ROOT
from tests.load.mix import MIX, draw

DRAWS = 20_000


def test_reads_dominate() -> None:
    total = sum(one.weight for one in MIX)
    writes = sum(one.weight for one in MIX if one.writes)
    assert writes * 5 < total < writes * 6


def test_visits_come_as_often_as_their_weights_say() -> None:
    chance, total = random.Random(1), sum(one.weight for one in MIX)
    drawn = Counter(draw(chance).name for _ in range(DRAWS))
    for one in MIX:
        expected = DRAWS * one.weight / total
        assert abs(drawn[one.name] - expected) < 5 * expected**0.5 + 1, one.name


def test_the_page_tells_of_every_visit_with_its_weight() -> None:
    page = (ROOT / "docs" / "load.md").read_text(encoding="utf-8")
    told = {
        name: int(weight)
        for name, weight in re.findall(r"^\| `(\w+)` \| (\d+) \|", page, re.MULTILINE)
    }
    assert told == {one.name: one.weight for one in MIX}
