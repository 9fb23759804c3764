"""The workload `idempotence`: many threads ask for few ids, with the same content and others."""

from __future__ import annotations

import random
from functools import partial

from tests.jepsen.claims import CLAIM, claim, entries, everything, judge_claims, post
from tests.jepsen.ground import Round, play, read, recorded
from tests.jepsen.judge import Verdict
from tests.jepsen.transfers import MEMBERS
from tests.jepsen.views import ENTRIES, FINAL

VERSIONS = 3
NEAR = 6
"""Ids that are asked for at one time; which ones moves on with the number of claims."""
CLAIMS_EACH = 12


def run(game: Round) -> Verdict:
    """Play a round and judge it."""
    asked: list[int] = []

    def step(process: int, chance: random.Random) -> None:
        if chance.random() < 0.25:
            member_id = chance.choice(MEMBERS)
            read(game, process, ENTRIES, member_id, partial(entries, member_id))
            return
        asked.append(process)
        number = len(asked) // CLAIMS_EACH + chance.randrange(NEAR)
        if chance.random() < 0.1:
            number = chance.randrange(number + 1)  # long after it was decided
        wanted = claim(number, chance.choice((0, 0, *range(VERSIONS))))
        recorded(game, process, CLAIM, wanted, partial(post, wanted))

    play(game, step)
    read(game, -1, FINAL, None, everything)
    return judge_claims(game.history)
