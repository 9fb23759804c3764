"""The orders queue as SQS promises it: at least once, in any order."""

from __future__ import annotations

import random
from collections.abc import Iterable

from tests.simulation.letters import Message

BATCH = 10
# Up to ten, as the trigger asks for; a busy queue gives full batches.
BATCHES = (1, 4, 10, 10, 10, 10, 10)


class Queue:
    """Messages wait, are taken in batches, and come again: after a failure, or for no reason."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._waiting: list[tuple[int, Message]] = []
        self.delivered = 0
        self.open: dict[int, Message] = {}
        """Messages that nobody has acknowledged, by number."""

    def __len__(self) -> int:
        return len(self._waiting)

    def ready(self, step: int) -> int:
        """How much of a batch is visible."""
        return min(BATCH, sum(since <= step for since, _ in self._waiting))

    def send(self, message: Message) -> None:
        self.open[message.number] = message
        self._waiting.append((0, message))

    def take(self, step: int) -> list[Message]:
        """A batch of what is visible, from anywhere in the queue."""
        visible = [place for place, (since, _) in enumerate(self._waiting) if since <= step]
        wanted = min(len(visible), self._chance.choice(BATCHES))
        # Mostly from the front; a message that is passed over may be passed over for long.
        front = visible[: wanted * self._chance.choice((1, 3, 50))]
        chosen = self._chance.sample(front, wanted)
        batch = [self._waiting[place][1] for place in chosen]
        for place in sorted(chosen, reverse=True):
            del self._waiting[place]
        self.delivered += len(batch)
        return batch

    def settle(self, batch: Iterable[Message], failed: set[str], step: int) -> list[Message]:
        """Acknowledge a batch but for `failed` ids, which come again; returns what is done."""
        done = []
        for message in batch:
            if f"m{message.number}" in failed:
                self._again(message, step)
                continue
            done.append(message)
            self.open.pop(message.number, None)
            if self._chance.random() < 0.5:
                self._again(message, step + self._chance.choice((0, 30)))
        return done

    def _again(self, message: Message, step: int) -> None:
        self._waiting.append((step + self._chance.randint(0, 15), message))

    def hurry(self) -> None:
        """Everything becomes visible."""
        self._waiting = [(0, message) for _, message in self._waiting]
