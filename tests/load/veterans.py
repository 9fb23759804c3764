"""Members of old, whose credit may be spent: they brought friends before the last return ended.

All of it goes through the product's own doors, at the times at which it would have been.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from infra.local.runner import LocalCloud
from tests.fuzz.senders import Sent
from tests.load.line import Reply, T
from tests.load.selling import pay
from tests.load.world import World

VETERANS, FRIENDS = 4, 2
IDLE_SECONDS = 60.0


class Past:
    """A line that reaches the functions without a server, at another time."""

    def __init__(self, cloud: LocalCloud, at: datetime, seed: int) -> None:
        self.chance = random.Random(f"{seed}:past")
        self._cloud = cloud
        self._at = int(at.timestamp() * 1_000)

    def ask(self, method: str, sent: Sent) -> Reply:
        answer = self._cloud.call(
            method,
            sent.path,
            sent.headers,
            sent.body,
            query=urlencode(sent.query),
            time_epoch_ms=self._at,
        )
        return Reply(answer.status, answer.body)

    def together(self, asks: Sequence[Callable[[], T]]) -> list[T]:
        return [ask() for ask in asks]

    def rest(self, seconds: float) -> None:
        """Nobody waits in the past."""


def settle(world: World, cloud: LocalCloud, at: datetime, release: str) -> None:
    """They join at `at`, their friends buy, and the credit is released as of now."""
    line = Past(cloud, at, world.settings["seed"])
    world.clock = lambda: at
    for _ in range(VETERANS):
        veteran = world.join(line, world.receipt())
        for _ in range(FRIENDS if veteran else 0):
            receipt = world.receipt()
            world.join(line, receipt, veteran, passing=True)
            pay(world, line, receipt=receipt)
    cloud.wait_idle(IDLE_SECONDS)
    cloud.invoke_schedule(release, datetime.now(UTC))
