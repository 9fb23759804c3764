"""The visitors, as a process of locust's own: `python -m tests.load.drive`.

Reads what it has to know as JSON from standard input, says `started` on standard output, and in the
end writes the book, the problems, the visits and a line for every request into the file that it was
given.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import gevent  # type: ignore[import-untyped]
from locust import FastHttpUser, between  # type: ignore[import-not-found]
from locust.env import Environment  # type: ignore[import-not-found]

from tests.fuzz.senders import Sent
from tests.load.book import Book
from tests.load.line import ADDRESS, NoAnswerError, Reply
from tests.load.mix import Tour
from tests.load.world import World

T = TypeVar("T")
FINISH_SECONDS, LOOK_SECONDS = 240.0, 0.05
PAUSES = (0.1, 0.9)
TIMEOUT = 60.0


class Phone:
    """A visitor's line: an address of their own, and a note of every answer."""

    def __init__(self, client: Any, number: int, seed: int, samples: list[list[Any]]) -> None:
        self.chance = random.Random(f"{seed}:{number}")
        self._client = client
        self._samples = samples

    def ask(self, method: str, sent: Sent) -> Reply:
        """Everybody has a house of their own, or the limits of one would be all there is to see."""
        headers = {ADDRESS: self._address(), **sent.headers}
        target = f"{sent.path}?{urlencode(sent.query)}" if sent.query else sent.path
        began, clock = time.time(), time.monotonic()
        with self._client.request(
            method, target, data=sent.body or None, headers=headers, catch_response=True
        ) as answer:
            answer.success()
            reply = Reply(int(answer.status_code), bytes(answer.content or b""))
        took = time.monotonic() - clock
        self._samples.append([method, sent.path, began, took, reply.status])
        return reply

    def together(self, asks: Sequence[Callable[[], T]]) -> list[T]:
        """Raises what the first of them raises."""
        if len(asks) == 1:
            return [asks[0]()]
        return [one.get() for one in [gevent.spawn(ask) for ask in asks]]

    def rest(self, seconds: float) -> None:
        gevent.sleep(seconds)

    def _address(self) -> str:
        return f"10.{'.'.join(str(self.chance.randrange(256)) for _ in range(3))}"


def visitor_of(
    settings: Mapping[str, Any], world: World, tour: Tour, samples: list[list[Any]]
) -> type[Any]:
    """locust wants a class."""

    class Visitor(FastHttpUser):  # type: ignore[misc]
        host = f"http://127.0.0.1:{settings['port']}"
        wait_time = between(*PAUSES)
        connection_timeout = network_timeout = TIMEOUT

        def on_start(self) -> None:
            self.phone = Phone(self.client, world.number(), settings["seed"], samples)

        def visit(self) -> None:
            if tour.over:
                return
            one = tour.next(world, self.phone)
            tour.under_way += 1
            try:
                one.act(world, self.phone)
            except NoAnswerError as error:
                world.problems.append(f"{one.name}: {error}")
            except Exception as error:  # noqa: BLE001 - a mistake of ours is a finding, too
                world.problems.append(f"{one.name}: {type(error).__name__}: {error}")
            tour.under_way -= 1

        tasks = [visit]  # noqa: RUF012 - locust's own way

    return Visitor


def finish(tour: Tour) -> None:
    """Visitors end what they began, and begin nothing more: half a visit would be in no book.

    locust's own way to stop may end a visitor who has just begun. Raises RuntimeError.
    """
    tour.over, deadline = True, time.monotonic() + FINISH_SECONDS
    while tour.under_way:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{tour.under_way} visits did not end")
        gevent.sleep(LOOK_SECONDS)


def drive(settings: Mapping[str, Any]) -> None:
    book, numbers = Book(settings["book"]), itertools.count(settings["numbers"])
    world = World(settings, random.Random(settings["seed"]), book, _numbers=numbers)
    samples: list[list[Any]] = []
    tour = Tour()
    visitor = visitor_of(settings, world, tour, samples)
    environment = Environment(user_classes=[visitor])
    runner = environment.create_local_runner()
    runner.start(settings["users"], spawn_rate=settings["users"] / 2)
    print("started", flush=True)
    gevent.sleep(settings["seconds"])
    finish(tour)
    runner.quit()
    written = {
        "book": world.book.entries,
        "problems": world.problems,
        "samples": samples,
        "visits": tour.made,
    }
    Path(settings["target"]).write_text(json.dumps(written), encoding="utf-8")


if __name__ == "__main__":
    drive(json.load(sys.stdin))
