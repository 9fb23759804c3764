"""The workload `indefinite`: who gets no answer asks again under the same id until there is one;
some give up. Whatever the last read says then holds, over a restart of the engine, too."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from itertools import count

from tests.jepsen.claims import CLAIM, Claim, claim, entries, everything, judge_claims, listed, post
from tests.jepsen.ground import Round, play, read, recorded
from tests.jepsen.history import INFO, OK, History
from tests.jepsen.judge import Verdict
from tests.jepsen.nemesis import kill_engine
from tests.jepsen.transfers import MEMBERS
from tests.jepsen.views import ENTRIES, FINAL

TRIES = 40
GIVE_UP = 0.3


def run(game: Round) -> Verdict:
    """Play a round and judge it."""
    numbers, given_up = count(), list[Claim]()

    def step(process: int, chance: random.Random) -> None:
        if chance.random() < 0.2:
            member_id = chance.choice(MEMBERS)
            read(game, process, ENTRIES, member_id, partial(entries, member_id))
            return
        wanted = claim(next(numbers))
        patience = 1 if chance.random() < GIVE_UP else TRIES
        if not any(_posted(game, process, wanted) for _ in range(patience)):
            given_up.append(wanted)

    play(game, step)
    read(game, -1, FINAL, None, everything)
    if game.kills:
        kill_engine()
    read(game, -1, FINAL, None, everything)
    # Long after, those who gave up ask once more.
    for wanted in given_up:
        _posted(game, -1, wanted)
    read(game, -1, FINAL, None, everything)
    return judge(game.history)


def judge(history: History) -> Verdict:
    """What is wrong with a history: also that something did not end."""
    verdict = judge_claims(history)
    verdict.errors += _unresolved(history)
    return verdict


def recovered(history: History) -> tuple[int, int]:
    """How many attempts nobody knows the end of, and of how many of them the entry stood in the
    first last read."""
    lost = {op.asked.entry for op in history.of(CLAIM, outcome=INFO)}
    first = next(history.of(FINAL, outcome=OK))
    return len(lost), len(lost & set(listed(first)))


def _posted(game: Round, process: int, wanted: Claim) -> bool:
    return recorded(game, process, CLAIM, wanted, partial(post, wanted)) == OK


def _unresolved(history: History) -> Iterator[str]:
    """In the end every id stands, since everybody asked until they had an answer."""
    *_, last = history.of(FINAL, outcome=OK)
    stands = {entry.entry_id for entry in listed(last)}
    for name in sorted({op.asked.entry.entry_id for op in history.of(CLAIM)} - stands):
        yield f"{name} never came to stand"
