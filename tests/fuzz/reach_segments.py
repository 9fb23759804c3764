"""What operators ask of the segmentation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from siyu.domain.calendar import business_date
from siyu.services.segment_members import segment_members
from siyu.storage import keys
from siyu.storage.schemes import SchemesItem
from tests.fuzz.reaching import Case, refused, until
from tests.fuzz.trouble import contended
from tests.fuzz.world import Reply, World

MEMBERS, SEGMENTS, SCHEMES = (f"/v1/console/{name}" for name in ("members", "segments", "schemes"))
EXPLAIN, FLOWS = f"GET {MEMBERS}/{{member}}/segment", f"GET {SEGMENTS}/flows"
_numbers = itertools.count(1)


def cases() -> Iterator[Case]:
    yield from _looks()
    yield from _flows()
    yield from _schemes()


def look(world: World, path: str) -> Reply:
    return world.ask("GET", path, headers={"authorization": world.operator})


def _looks() -> Iterator[Case]:
    def explain(world: World, query: str = "", member: str = "") -> Reply:
        return look(world, f"{MEMBERS}/{member or world.member.member_id}/segment{query}")

    nights = f"GET {SEGMENTS}"
    yield Case(EXPLAIN, 200, explain)
    yield Case(EXPLAIN, 401, lambda world: world.ask("GET", f"{MEMBERS}/x/segment"))
    yield Case(EXPLAIN, 404, lambda world: explain(world, member="none"))
    yield Case(EXPLAIN, 422, lambda world: explain(world, "?scheme=N"))
    yield Case(nights, 200, lambda world: look(world, f"{SEGMENTS}?detail=all"))
    yield Case(nights, 401, lambda world: world.ask("GET", SEGMENTS))
    yield Case(nights, 404, lambda world: look(world, f"{SEGMENTS}?scheme=none"))
    yield Case(nights, 422, lambda world: look(world, f"{SEGMENTS}?detail=x"))


def _flows() -> Iterator[Case]:
    today = business_date(datetime.now(UTC))
    first, last = today - timedelta(days=1), today

    def moved(world: World) -> Reply:
        for night in (first, last):
            segment_members(night)
        return between(world, f"from={first}&to={last}")

    def between(world: World, query: str) -> Reply:
        return look(world, f"{SEGMENTS}/flows?{query}")

    yield Case(FLOWS, 200, moved)
    yield Case(FLOWS, 401, lambda world: world.ask("GET", f"{SEGMENTS}/flows"))
    yield Case(FLOWS, 404, lambda world: between(world, "from=2020-01-01&to=2020-01-02"))
    yield Case(FLOWS, 422, lambda world: between(world, f"from={last}&to={first}"))


def _schemes() -> Iterator[Case]:
    operation = f"POST {SCHEMES}"

    def publish(world: World, name: str = "directed") -> Reply:
        fields = {"name": name, "new_days": next(_numbers)}
        return world.tell("POST", SCHEMES, fields, world.operator)

    def anew(world: World) -> Reply:
        """Whatever the generator published is forgotten: there is room again."""
        SchemesItem(*keys.SCHEMES).delete()
        return publish(world)

    def too_many(world: World) -> Reply:
        return until(409, lambda: publish(world, f"directed_{next(_numbers)}"))

    def busy(world: World) -> Reply:
        anew(world)
        with contended(world.cloud, keys.SCHEMES):
            return until(503, lambda: publish(world))

    yield Case(f"GET {SCHEMES}", 200, lambda world: look(world, SCHEMES))
    yield Case(f"GET {SCHEMES}", 401, lambda world: world.ask("GET", SCHEMES))
    yield Case(operation, 200, anew)
    for case in refused(operation, lambda world: world.operator):
        if case.status != 422:  # a body without fields is our own scheme
            yield case
    yield Case(operation, 422, lambda world: publish(world, "N"))
    yield Case(operation, 401, lambda world: world.tell("POST", SCHEMES, {}))
    yield Case(operation, 409, too_many)
    yield Case(operation, 503, busy)
