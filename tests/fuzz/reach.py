"""Directed requests: one for every status that the document names, whatever the generator found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tests.fuzz import (
    reach_audiences,
    reach_members,
    reach_operators,
    reach_programme,
    reach_segments,
    reach_senders,
    reach_wallets,
)
from tests.fuzz.reaching import Case
from tests.fuzz.world import World

Cases = Callable[[], Iterable[Case]]
PARTS: tuple[Cases, ...] = (
    reach_members.cases,
    reach_senders.cases,
    reach_operators.cases,
    reach_wallets.cases,
    reach_programme.cases,
    reach_segments.cases,
    reach_audiences.cases,
)


def reach(world: World) -> Iterator[str]:
    """Makes all of them; says what came of those that were not answered as meant."""
    for case in (one for part in PARTS for one in part()):
        try:
            reply = case.ask(world)
            said = "" if reply.status == case.status else f"{reply.status}: {reply.body[:200]!r}"
        except (AssertionError, OSError) as error:
            said = str(error)
        if said:
            yield f"{case.operation}: no {case.status}, but {said}"
