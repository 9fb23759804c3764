"""What operators ask of the console."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from tests.fuzz.reach_senders import order_paid
from tests.fuzz.reaching import Case, refused
from tests.fuzz.senders import SHOP
from tests.fuzz.signing import ACCOUNTS
from tests.fuzz.trouble import no_queue
from tests.fuzz.world import Reply, World

PATH = "/v1/console/quarantine"
NONE = "20261122T040000000Z-none"
LIST, SHOW, REPLAY = (
    f"GET {PATH}",
    f"GET {PATH}/{{event_id}}",
    f"POST {PATH}/{{event_id}}/replay",
)


def cases() -> Iterator[Case]:
    yield from _looks()
    yield from _replays()


def look(world: World, path: str = "", query: str = "") -> Reply:
    asked = {"authorization": world.operator}
    return world.ask("GET", f"{PATH}{path}{query}", headers=asked)


def _looks() -> Iterator[Case]:
    yield Case(LIST, 200, look)
    yield Case(LIST, 401, lambda world: world.ask("GET", PATH))
    yield Case(LIST, 404, lambda world: look(world, query="?cursor=none"))
    yield Case(LIST, 422, lambda world: look(world, query="?limit=0"))
    yield Case(SHOW, 200, lambda world: look(world, f"/{world.set_aside(_order(world))}"))
    yield Case(SHOW, 401, lambda world: world.ask("GET", f"{PATH}/{NONE}"))
    yield Case(SHOW, 404, lambda world: look(world, f"/{NONE}"))


def _replays() -> Iterator[Case]:
    def replay(world: World, message: str, *, dry_run: bool) -> Reply:
        path = f"{PATH}/{world.set_aside(message)}/replay"
        return world.tell("POST", path, {"dry_run": dry_run}, world.operator)

    def unavailable(world: World) -> Reply:
        with no_queue(world.cloud):
            return replay(world, _contact(world), dry_run=False)

    def unknown(world: World, authorization: str) -> Reply:
        return world.tell("POST", f"{PATH}/{NONE}/replay", {"dry_run": True}, authorization)

    yield Case(REPLAY, 200, lambda world: replay(world, _order(world), dry_run=True))
    yield Case(REPLAY, 200, lambda world: replay(world, _order(world), dry_run=False))
    yield Case(REPLAY, 200, lambda world: replay(world, _contact(world), dry_run=False))
    for case in refused(f"POST {PATH}/{NONE}/replay", lambda world: world.operator):
        yield Case(REPLAY, case.status, case.ask)
    yield Case(REPLAY, 401, lambda world: unknown(world, ""))
    yield Case(REPLAY, 404, lambda world: unknown(world, world.operator))
    yield Case(REPLAY, 503, unavailable)


def _order(world: World) -> str:
    """A message of the orders queue that could have had its effect."""
    fields = {"source": SHOP, "delivery_id": "aside_1", "received_at": _now()}
    return json.dumps({**fields, "body": json.dumps(order_paid(world, "aside-1"))})


def _contact(world: World) -> str:
    """The same of the contacts queue: an event that we do nothing about."""
    path, account = next(iter(ACCOUNTS.items()))
    sent = world.senders.callback(account, path, b"<xml><Event>other</Event></xml>")
    encrypted = sent.body.decode().partition("<Encrypt>")[2].partition("</Encrypt>")[0]
    return json.dumps({"account": account, "received_at": _now(), "encrypted": encrypted})


def _now() -> str:
    return datetime.now(UTC).isoformat()
