"""What operators ask of the members."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime

from siyu.domain.calendar import business_date
from siyu.services.segment_members import segment_members
from tests.fuzz.reaching import Case, refused
from tests.fuzz.world import JSON, Reply, World

PATH = "/v1/console/audiences"
PREVIEW, ASK, LIST, SHOW = (
    f"POST {PATH}/preview",
    f"POST {PATH}",
    f"GET {PATH}",
    f"GET {PATH}/{{audience}}",
)
NONE = "a" * 16
_numbers = itertools.count()


def cases() -> Iterator[Case]:
    for operation, status in ((PREVIEW, 200), (ASK, 202)):
        yield from _queries(operation, status)
    yield Case(ASK, 409, _twice)
    yield Case(LIST, 200, lambda world: look(world, PATH))
    yield Case(LIST, 401, lambda world: world.ask("GET", PATH))
    yield Case(SHOW, 200, lambda world: look(world, f"{PATH}/{_asked(world)}"))
    yield Case(SHOW, 401, lambda world: world.ask("GET", f"{PATH}/{NONE}"))
    yield Case(SHOW, 404, lambda world: look(world, f"{PATH}/{NONE}"))


def look(world: World, path: str) -> Reply:
    return world.ask("GET", path, headers={"authorization": world.operator})


def _queries(operation: str, status: int) -> Iterator[Case]:
    method, _, path = operation.partition(" ")

    def tell(world: World, fields: object, authorization: str | None = None) -> Reply:
        segment_members(business_date(datetime.now(UTC)))
        signed = world.operator if authorization is None else authorization
        return world.tell(method, path, fields, signed)

    yield Case(operation, status, lambda world: tell(world, {"stages": ["new"]}))
    for case in refused(operation, lambda world: world.operator):
        if case.status != 422:  # a query without conditions is everybody
            yield case
    yield Case(operation, 422, lambda world: tell(world, {"stages": ["x"]}))
    yield Case(operation, 401, lambda world: tell(world, {}, ""))
    yield Case(operation, 409, lambda world: tell(world, {"scheme": "none"}))


def _asked(world: World) -> str:
    told: str = world.tell("POST", PATH, {"aipl": ["aware"]}, world.operator).json()["id"]
    return told


def _twice(world: World) -> Reply:
    """Two queries with one key."""
    key = {"idempotency-key": f"directed-{next(_numbers)}", "authorization": world.operator}
    world.ask("POST", PATH, b"{}", JSON | key)
    return world.ask("POST", PATH, b'{"stages": ["new"]}', JSON | key)
