"""What shoppers and members ask."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from tests.fuzz.reaching import Case, refused, signed_in, until
from tests.fuzz.trouble import fought_over
from tests.fuzz.world import Reply, World

BUSY, REFUSED = "errcode.-1", "errcode.40029"
# More than the limit of one address in a minute, twice: a minute may end in between.
FLOOD = 130
HOUSE = "192.0.2.7"


def cases() -> Iterator[Case]:
    yield from _landing()
    yield from _scans()
    yield from _sessions()
    yield from _reads()
    yield from _phone()
    yield from _consents()
    yield from _erasure()
    yield from _export()


def _landing() -> Iterator[Case]:
    landing = "GET /r/{token}"
    yield Case(landing, 200, lambda world: world.ask("GET", f"/r/{world.receipt()}"))
    yield Case(landing, 404, lambda world: world.ask("GET", "/r/none"))


def _scans() -> Iterator[Case]:
    operation = "POST /v1/scans"

    def scan(world: World, login: str, token: str = "") -> Reply:
        fields = {"token": token or world.receipt(), "login_code": login}
        return world.tell("POST", "/v1/scans", fields)

    def flood(world: World) -> Reply:
        with world.crowd.from_one_address(HOUSE):
            return until(429, lambda: scan(world, REFUSED, "none"), FLOOD)

    def claimed(world: World) -> Reply:
        return scan(world, world.login("other"), world.member.receipt)

    yield Case(operation, 200, lambda world: scan(world, world.login("scanning")))
    yield from refused(operation, lambda _: "")
    yield Case(operation, 401, lambda world: scan(world, REFUSED))
    yield Case(operation, 404, lambda world: scan(world, world.login("scanning"), "none"))
    yield Case(operation, 409, claimed)
    yield Case(operation, 429, flood)
    yield Case(operation, 503, lambda world: scan(world, BUSY))


def _sessions() -> Iterator[Case]:
    operation = "POST /v1/sessions"

    def sign_in(world: World, login: str) -> Reply:
        return world.tell("POST", "/v1/sessions", {"login_code": login})

    def flood(world: World) -> Reply:
        with world.crowd.from_one_address(HOUSE):
            return until(429, lambda: sign_in(world, REFUSED), FLOOD)

    yield Case(operation, 200, lambda world: sign_in(world, world.login(world.member.openid)))
    yield from refused(operation, lambda _: "")
    yield Case(operation, 401, lambda world: sign_in(world, REFUSED))
    yield Case(operation, 404, lambda world: sign_in(world, world.login("nobody")))
    yield Case(operation, 429, flood)
    yield Case(operation, 503, lambda world: sign_in(world, BUSY))


def _reads() -> Iterator[Case]:
    for path in ("/v1/me", "/v1/me/coupons", "/v1/me/consents"):
        yield Case(f"GET {path}", 200, partial(_mine, method="GET", path=path))
        yield from signed_in(f"GET {path}")


def _phone() -> Iterator[Case]:
    operation, path = "POST /v1/me/phone", "/v1/me/phone"

    def fields(world: World, login: str = "", code: str = "") -> Any:
        login = login or world.login(world.member.openid)
        return {"login_code": login, "code": code or f"phone.13800138000.{login[5:]}"}

    def link(world: World, login: str = "", code: str = "") -> Reply:
        return world.tell("POST", path, fields(world, login, code), world.member.authorization)

    yield Case(operation, 200, link)
    yield from refused(operation, _session)
    yield from signed_in(operation, fields)
    yield Case(operation, 422, lambda world: link(world, code=REFUSED))
    yield Case(operation, 503, lambda world: link(world, login=BUSY))


def _consents() -> Iterator[Case]:
    operation, path = "POST /v1/me/consents", "/v1/me/consents"
    fields = {
        "purpose": "marketing",
        "granted": True,
        "policy_version": "1",
        "text_hash": "0" * 64,
    }

    def decide(world: World) -> Reply:
        return world.tell("POST", path, fields, world.member.authorization)

    def contended(world: World) -> Reply:
        with fought_over(world.cloud, world.member.member_id):
            return until(503, lambda: decide(world))

    yield Case(operation, 200, decide)
    yield from refused(operation, _session)
    yield from signed_in(operation, lambda _: fields)
    yield Case(operation, 503, contended)


def _erasure() -> Iterator[Case]:
    operation = "DELETE /v1/me"

    def erase(world: World) -> Reply:
        member = world.join("leaving")
        fields = {"login_code": world.login(member.openid)}
        return world.tell("DELETE", "/v1/me", fields, member.authorization)

    def silent(world: World) -> Reply:
        return world.tell("DELETE", "/v1/me", {"login_code": BUSY}, _session(world))

    yield Case(operation, 202, erase)
    yield from refused(operation, _session)
    yield from signed_in(operation, lambda world: {"login_code": world.login("gone")})
    yield Case(operation, 503, silent)


def _export() -> Iterator[Case]:
    operation, path = "POST /v1/me/export", "/v1/me/export"

    def fetch(world: World) -> Reply:
        link = _mine(world, "POST", path).json()["url"]
        return world.ask("GET", urlsplit(link).path)

    yield Case(operation, 200, lambda world: _mine(world, "POST", path))
    yield from signed_in(operation)
    yield Case("GET /v1/exports/{token}", 200, fetch)
    yield Case("GET /v1/exports/{token}", 404, lambda world: world.ask("GET", "/v1/exports/none"))


def _session(world: World) -> str:
    return world.member.authorization


def _mine(world: World, method: str, path: str) -> Reply:
    return world.ask(method, path, headers={"authorization": _session(world)})
