"""What operators ask of the referral programme."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from siyu.api import credit_id
from siyu.storage import keys
from tests.fuzz import wealth
from tests.fuzz.reaching import Case, refused, until
from tests.fuzz.trouble import contended, fought_over
from tests.fuzz.world import Reply, World

PROGRAMMES, CREDITS, REFERRERS = (
    f"/v1/console/{name}" for name in ("programmes", "credits", "referrers")
)
NONE = credit_id.encode("shop#none")
_numbers = itertools.count()


def cases() -> Iterator[Case]:
    yield from _programmes()
    yield from _credits()
    yield from _decisions()
    yield from _referrers()


def look(world: World, path: str) -> Reply:
    return world.ask("GET", path, headers={"authorization": world.operator})


def _programmes() -> Iterator[Case]:
    operation = f"POST {PROGRAMMES}"

    def publish(world: World, version: str = "", rate_bp: int = 500) -> Reply:
        name = version or f"directed-{next(_numbers)}"
        fields = {"version": name, "rate_bp": rate_bp}
        return world.tell("POST", PROGRAMMES, fields, world.operator)

    def otherwise(world: World) -> Reply:
        publish(world, "twice")
        return publish(world, "twice", 600)

    def busy(world: World) -> Reply:
        with contended(world.cloud, keys.PROGRAMMES):
            return until(503, lambda: publish(world))

    yield Case(f"GET {PROGRAMMES}", 200, lambda world: look(world, PROGRAMMES))
    yield Case(f"GET {PROGRAMMES}", 401, lambda world: world.ask("GET", PROGRAMMES))
    yield Case(operation, 200, publish)
    yield from refused(operation, lambda world: world.operator)
    yield Case(operation, 401, lambda world: world.tell("POST", PROGRAMMES, {}))
    yield Case(operation, 409, otherwise)
    yield Case(operation, 503, busy)


def _credits() -> Iterator[Case]:
    show = f"GET {CREDITS}/{{credit}}"

    def explained(world: World) -> Reply:
        (credit,) = wealth.doubted(world, "explained")
        return look(world, f"{CREDITS}/{credit}")

    yield Case(f"GET {CREDITS}", 200, lambda world: look(world, CREDITS))
    yield Case(f"GET {CREDITS}", 401, lambda world: world.ask("GET", CREDITS))
    yield Case(f"GET {CREDITS}", 422, lambda world: look(world, f"{CREDITS}?limit=0"))
    yield Case(show, 200, explained)
    yield Case(show, 401, lambda world: world.ask("GET", f"{CREDITS}/{NONE}"))
    yield Case(show, 404, lambda world: look(world, f"{CREDITS}/{NONE}"))


def _decisions() -> Iterator[Case]:
    operation = f"POST {CREDITS}/{{credit}}/decision"

    def decide(world: World, credit: str, verdict: str = "approve", note: str = "") -> Reply:
        fields = {"verdict": verdict, "note": note}
        return world.tell("POST", f"{CREDITS}/{credit}/decision", fields, world.operator)

    def decided(world: World) -> Reply:
        (credit,) = wealth.doubted(world, "decided")
        return decide(world, credit)

    def busy(world: World) -> Reply:
        (credit,) = wealth.doubted(world, "busy")
        notes = map(str, itertools.count())
        with contended(world.cloud, keys.credit(credit_id.decode(credit))):
            return until(503, lambda: decide(world, credit, "block", next(notes)))

    yield Case(operation, 200, decided)
    for case in refused(f"POST {CREDITS}/{NONE}/decision", lambda world: world.operator):
        yield Case(operation, case.status, case.ask)
    yield Case(operation, 401, lambda world: world.tell("POST", f"{CREDITS}/{NONE}/decision", {}))
    yield Case(operation, 404, lambda world: decide(world, NONE))
    yield Case(operation, 409, lambda world: decide(world, wealth.plain(world, "plain")))
    yield Case(operation, 503, busy)


def _referrers() -> Iterator[Case]:
    show, stand = f"GET {REFERRERS}/{{member}}", f"PUT {REFERRERS}/{{member}}/standing"

    def tell(world: World, fields: object, member: str = "none") -> Reply:
        return world.tell("PUT", f"{REFERRERS}/{member}/standing", fields, world.operator)

    def put(world: World, member: str, *, suspended: bool = True) -> Reply:
        return tell(world, {"suspended": suspended}, member)

    def busy(world: World) -> Reply:
        member, turns = world.join("stands").member_id, itertools.cycle([True, False])
        with fought_over(world.cloud, member):
            return until(503, lambda: put(world, member, suspended=next(turns)))

    yield Case(show, 200, lambda world: look(world, f"{REFERRERS}/{world.member.member_id}"))
    yield Case(show, 401, lambda world: world.ask("GET", f"{REFERRERS}/x"))
    yield Case(show, 404, lambda world: look(world, f"{REFERRERS}/none"))
    yield Case(stand, 200, lambda world: put(world, world.join("suspended").member_id))
    for case in refused(f"PUT {REFERRERS}/none/standing", lambda world: world.operator):
        if case.status != 422:  # a body without fields asks for nothing
            yield Case(stand, case.status, case.ask)
    yield Case(stand, 422, lambda world: tell(world, {"suspended": "x"}))
    yield Case(stand, 401, lambda world: world.tell("PUT", f"{REFERRERS}/none/standing", {}))
    yield Case(stand, 404, lambda world: put(world, "none"))
    yield Case(stand, 503, busy)
