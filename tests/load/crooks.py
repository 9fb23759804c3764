"""What nobody should get anywhere with; every answer has to be a refusal."""

from __future__ import annotations

from dataclasses import replace

from tests.fuzz.document import WECOM_CALLBACK
from tests.fuzz.senders import Sent, webhooks
from tests.load.line import JSON, Line, Reply, asked, told
from tests.load.world import SHOP, World, forged, unsigned_session

GUESSES = 8
# One house, from which all guesses come: an address of the documentation's range.
HOUSE = "192.0.2.7"
LARGE = b" " * (256 * 1024 + 1)


def refused(world: World, what: str, reply: Reply) -> None:
    if reply.accepted:
        world.problems.append(f"{what} was accepted: {reply.status}")


def scan_forged(world: World, line: Line) -> None:
    reply = world.scan(line, world.name("crook"), forged(world.receipt()))
    refused(world, "a forged receipt", reply)


def guess_receipts(world: World, line: Line) -> None:
    """Many from one address, until it is told to wait."""
    for _ in range(GUESSES):
        fields = {"token": forged(world.receipt()), "login_code": world.login("guesser")}
        reply = line.ask("POST", told("/v1/scans", fields, headers={"x-load-address": HOUSE}))
        refused(world, "a guess", reply)


def forge_a_session(world: World, line: Line) -> None:
    member = world.anybody()
    if member is None:
        return
    for token in (unsigned_session(member.member_id), forged(member.authorization), world.operator):
        refused(world, "a forged session", line.ask("GET", asked("/v1/me", token)))
    reply = line.ask("GET", asked("/v1/console/quarantine", member.authorization))
    refused(world, "a member at the console", reply)


def sign_badly(world: World, line: Line) -> None:
    """A stranger's signature, a body changed on its way, a callback without a seal."""
    sent = world.signed(SHOP, world.event("order.paid", order_id="x", paid_minor=1), "bad")
    for one in (
        replace(sent, headers={**sent.headers, "webhook-signature": "v1,AAAA"}),
        replace(sent, body=sent.body + b" "),
        replace(sent, path=webhooks("nobody")),
        Sent(WECOM_CALLBACK, b"<xml/>", query={"msg_signature": "0"}),
    ):
        refused(world, "a bad signature", line.ask("POST", one))


def send_odd_bodies(world: World, line: Line) -> None:
    """Signed, and still no event."""
    for body in (b"{", b"\xff", b"[]", LARGE):
        reply = line.ask("POST", world.signed(SHOP, body, world.name("odd")))
        if body != b"[]":
            refused(world, "an odd body", reply)
        elif reply.accepted:
            world.book.note("poison", reason="not_an_order_event")
    for body in (b"\xff", b"{}", b"{" * 1_000):
        refused(world, "an odd body", line.ask("POST", Sent("/v1/scans", body, JSON)))
