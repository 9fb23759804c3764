"""How a visitor asks, and asks again until there is a yes or a no."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from tests.fuzz.senders import Sent

T = TypeVar("T")
ADDRESS = "x-load-address"
JSON: Mapping[str, str] = {"content-type": "application/json"}
# Neither says whether the request had its effect: an outage may have cut only the answer.
SILENT, BROKEN = 0, 500
TRIES, FIRST_PAUSE, LONGEST_PAUSE = 40, 0.2, 4.0


class NoAnswerError(Exception):
    """A request got no yes and no no, however often it was sent."""


@dataclass(frozen=True)
class Reply:
    """What came back; status 0 is a connection that broke."""

    status: int
    body: bytes = b""

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        return json.loads(self.body)


class Line(Protocol):
    """One visitor's line to the server; `chance` decides whatever the visitor has no reason for."""

    chance: random.Random

    def ask(self, method: str, sent: Sent) -> Reply: ...

    def together(self, asks: Sequence[Callable[[], T]]) -> list[T]: ...

    def rest(self, seconds: float) -> None: ...


def insist(line: Line, make: Callable[[], Sent], method: str = "POST") -> Reply:
    """Sends what `make` makes until it is accepted or refused, as every sender of webhooks does.

    Raises NoAnswerError.
    """
    pause = FIRST_PAUSE
    for _ in range(TRIES):
        reply = line.ask(method, make())
        if SILENT < reply.status < BROKEN:
            return reply
        line.rest(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    raise NoAnswerError(f"{method} {make().path}: {reply.status}")


def told(
    path: str, fields: Any, authorization: str = "", headers: Mapping[str, str] | None = None
) -> Sent:
    """A JSON body, perhaps signed in."""
    signed = {"authorization": authorization} if authorization else {}
    return Sent(path, json.dumps(fields).encode(), {**JSON, **signed, **(headers or {})})


def asked(path: str, authorization: str = "") -> Sent:
    """A request without a body, perhaps signed in."""
    return Sent(path, b"", {"authorization": authorization} if authorization else {})
