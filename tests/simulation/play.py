"""Many worlds, one after the other, in this process."""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests import support
from tests.simulation.faults import line
from tests.simulation.ground import ground
from tests.simulation.world import World, WorldError

__all__ = ["Share", "WorldError", "play"]


@dataclass(frozen=True)
class Share:
    """Every `processes`-th world of a seed, from number `first` on."""

    seed: int
    first: int = 0
    processes: int = 1


def play(share: Share, events: int, only: int | None = None) -> dict[str, Any]:
    """Worlds until `events` messages are delivered, or `only` one. Raises WorldError."""
    digest, tally = hashlib.sha256(), {"events": 0, "worlds": 0, "steps": 0}
    entries, deeds = Counter[str](), Counter[str]()
    number = share.first if only is None else only
    with ground() as place, line(support._engine.endpoint) as wire, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while True:
            outcome = World(share.seed, number, place, wire).run()
            digest.update(outcome.digest.encode())
            tally["events"] += outcome.delivered
            tally["worlds"] += 1
            tally["steps"] += outcome.steps
            entries.update(outcome.entries)
            deeds.update(outcome.deeds)
            number += share.processes
            if only is not None or tally["events"] >= events:
                counted = {"entries": entries, "deeds": deeds}
                return {**tally, **counted, "digest": digest.hexdigest()}
