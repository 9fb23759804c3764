"""What the modules of directed requests have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.fuzz.world import JSON, Member, Reply, World

Ask = Callable[[World], Reply]
TRIES = 30


@dataclass(frozen=True)
class Case:
    """A request and the status that it has to get."""

    operation: str
    status: int
    ask: Ask


def refused(operation: str, session: Callable[[World], str]) -> Iterator[Case]:
    """What every route with a JSON body refuses before it looks at what the body says."""
    method, _, path = operation.partition(" ")

    def send(body: bytes, kind: str) -> Ask:
        return lambda world: world.ask(
            method, path, body, {"content-type": kind, "authorization": session(world)}
        )

    yield Case(operation, 400, send(b"\xff", JSON["content-type"]))
    yield Case(operation, 415, send(b"{}", "text/plain"))
    yield Case(operation, 422, send(b"{}", JSON["content-type"]))


def signed_in(operation: str, fields: Callable[[World], Any] | None = None) -> Iterator[Case]:
    """Without a session, and with that of somebody who was erased; `fields` make the body."""
    method, _, path = operation.partition(" ")

    def send(world: World, member: Member | None) -> Reply:
        authorization = member.authorization if member else ""
        if fields is None:
            return world.ask(method, path, headers={"authorization": authorization})
        return world.tell(method, path, fields(world), authorization)

    yield Case(operation, 401, lambda world: send(world, None))
    yield Case(operation, 404, lambda world: send(world, world.gone))


def until(status: int, ask: Callable[[], Reply], tries: int = TRIES) -> Reply:
    """The first answer with this status, or else the last one."""
    for _ in range(tries - 1):
        reply = ask()
        if reply.status == status:
            return reply
    return ask()
