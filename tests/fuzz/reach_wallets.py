"""What members ask of their credit, and tills of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from siyu.services.codes import referral_token
from siyu.storage import keys
from tests.fuzz import wealth
from tests.fuzz.known import STORE
from tests.fuzz.reach_senders import LARGE
from tests.fuzz.reaching import TRIES, Case, signed_in, until
from tests.fuzz.trouble import contended, fought_over
from tests.fuzz.world import Reply, World

HOLDS = "/v1/stores/{store}/holds"


def cases() -> Iterator[Case]:
    yield from _wallet()
    yield from _posters()
    yield from _holds()
    yield from _settled("capture", {"amount_minor": 100}, _captured_otherwise)
    yield from _settled("void", {}, _too_late)


def _wallet() -> Iterator[Case]:
    for method, path in (("GET", ""), ("GET", "/entries"), ("POST", "/code")):
        operation = f"{method} /v1/me/credit{path}"
        yield Case(operation, 200, partial(_mine, method=method, path=f"/v1/me/credit{path}"))
        yield from signed_in(operation)
    many = {"limit": "0"}
    entries = "/v1/me/credit/entries"
    yield Case(f"GET {entries}", 422, lambda world: _mine(world, "GET", entries, many))


def _posters() -> Iterator[Case]:
    operation = "GET /v1/referrals/{code}/poster"

    def poster(world: World, code: str = "", **query: str) -> Reply:
        code = code or referral_token(world.member.member_id)
        return world.ask("GET", f"/v1/referrals/{code}/poster", query=query)

    yield Case("GET /v1/me/referral", 200, partial(_mine, method="GET", path="/v1/me/referral"))
    yield from signed_in("GET /v1/me/referral")
    yield Case(operation, 200, poster)
    yield Case(operation, 404, lambda world: poster(world, "none"))
    yield Case(operation, 422, lambda world: poster(world, form="x", lang="x"))


def _holds() -> Iterator[Case]:
    operation = f"POST {HOLDS}"

    def twice(world: World) -> Reply:
        wish = wealth.wish(world)
        wealth.tell(world, "holds", wish)
        return wealth.tell(world, "holds", wish)

    def busy(world: World) -> Reply:
        wishes = iter([wealth.wish(world) for _ in range(TRIES)])
        with fought_over(world.cloud, wealth.rich(world).member_id):
            return until(503, lambda: wealth.tell(world, "holds", next(wishes)))

    def unknown(world: World) -> Reply:
        return wealth.tell(world, "holds", {**wealth.wish(world), "wallet_code": "x"})

    yield Case(operation, 200, lambda world: wealth.tell(world, "holds", wealth.wish(world)))
    yield Case(operation, 401, lambda world: world.ask("POST", f"/v1/stores/{STORE}/holds"))
    yield Case(operation, 404, unknown)
    yield Case(operation, 409, twice)
    yield Case(operation, 413, lambda world: wealth.tell(world, "holds", LARGE))
    yield Case(operation, 422, lambda world: wealth.tell(world, "holds", b"{}"))
    yield Case(operation, 503, busy)


def _settled(
    what: str, fields: dict[str, int], conflict: Callable[[World], Reply]
) -> Iterator[Case]:
    operation = f"POST {HOLDS}/{{hold}}/{what}"

    def settle(world: World, hold: str) -> Reply:
        return wealth.tell(world, f"holds/{hold}/{what}", {"hold": hold, **fields})

    def busy(world: World) -> Reply:
        holds = [wealth.held(world) for _ in range(TRIES)]

        def attempt() -> Reply:
            hold = holds.pop()
            with contended(world.cloud, keys.hold(keys.hold_key(STORE, hold))):
                return settle(world, hold)

        return until(503, attempt)

    yield Case(operation, 200, lambda world: settle(world, wealth.held(world)))
    yield Case(
        operation, 401, lambda world: world.ask("POST", f"/v1/stores/{STORE}/holds/x/{what}")
    )
    yield Case(operation, 404, lambda world: settle(world, "none"))
    yield Case(operation, 409, conflict)
    yield Case(operation, 413, lambda world: wealth.tell(world, f"holds/x/{what}", LARGE))
    yield Case(operation, 422, lambda world: wealth.tell(world, f"holds/x/{what}", b"{}"))
    yield Case(operation, 503, busy)


def _captured_otherwise(world: World) -> Reply:
    hold = wealth.held(world)
    for amount in (99, 100):
        reply = wealth.tell(world, f"holds/{hold}/capture", {"hold": hold, "amount_minor": amount})
    return reply


def _too_late(world: World) -> Reply:
    hold = wealth.held_long_ago(world)
    return wealth.tell(world, f"holds/{hold}/void", {"hold": hold})


def _mine(world: World, method: str, path: str, query: dict[str, str] | None = None) -> Reply:
    return world.ask(
        method, path, headers={"authorization": world.member.authorization}, query=query
    )
