"""What tills, WeCom, operators and the scheduler do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from tests.fuzz.document import WECOM_CALLBACK
from tests.fuzz.senders import Sent
from tests.load.line import Line, Reply, asked, insist, told
from tests.load.world import STORES, World

CONSOLE = "/v1/console"
PAGES = ("quarantine", "credits", "programmes", "audiences", "schemes")
NIGHT = "/_local/schedules/SegmentNightlyFunction"
BARE = "/_load/bare"
MOST_MINOR = 200
Till = Callable[[bytes, str, str], Sent]
GUIDES = ("li", "wang", "zhao")


def ask_for_nothing(_: World, line: Line) -> None:
    """The bare route: what a request costs here before any function has work with it."""
    line.ask("GET", asked(BARE))


def redeem(world: World, line: Line) -> None:
    """A coupon at a till, the same request again, and then another one for it."""
    member = world.anybody()
    if member is None:
        return
    reply = line.ask("GET", asked("/v1/me/coupons", member.authorization))
    coupons = reply.json()["coupons"] if reply.status == 200 else []
    codes = [one["code"] for one in coupons if one["code"] not in world.redeemed]
    if not codes:
        return
    code, store, redemption = codes[0], line.chance.choice(STORES), world.name("redemption")
    world.redeemed.add(code)
    body = json.dumps({"coupon_code": code, "spend_minor": 1_000_000}).encode()
    make = partial(world.senders.till, store, body)
    if insist(line, lambda: make(redemption)).status == 200:
        world.book.note("redeemed", coupon=code, redemption=redemption, store=store)
        line.ask("POST", make(redemption))
        other = world.name("redemption")
        if insist(line, lambda: make(other)).status == 200:
            world.problems.append("a coupon was redeemed twice")


def spend_credit(world: World, line: Line) -> None:
    """A till holds credit, then takes it in, gives it back, or forgets it until it lapses."""
    if not world.veterans:
        return
    member, store = line.chance.choice(world.veterans), line.chance.choice(STORES)
    signed_in = line.ask("POST", told("/v1/sessions", {"login_code": world.login(member.openid)}))
    if signed_in.status != 200:
        return
    session = f"Bearer {signed_in.json()['token']}"
    shown = line.ask("POST", asked("/v1/me/credit/code", session))
    if shown.status != 200:
        return
    hold, minor = world.name("hold"), line.chance.randrange(1, MOST_MINOR)
    wish = {"amount_minor": minor, "spend_minor": 1_000_000, **shown.json()}
    content = {name: wish[name] for name in ("wallet_code", "amount_minor", "spend_minor")}
    till = partial(world.senders.till, store)
    if _at_till(line, till, "holds", hold, content).status != 200:
        return
    ends = line.chance.choice(("capture", "capture", "void", ""))
    if ends:
        fields = {"hold": hold} | ({"amount_minor": minor} if ends == "capture" else {})
        reply = _at_till(line, till, f"holds/{hold}/{ends}", world.name(ends), fields)
        if reply.status != 200:
            world.problems.append(f"a standing hold: {ends} was answered {reply.status}")
    kept = minor if ends == "capture" else 0
    world.book.note("held", member=member.member_id, hold=f"{store}#{hold}", captured=kept)


def _at_till(line: Line, till: Till, path: str, name: str, fields: Mapping[str, Any]) -> Reply:
    body = json.dumps(fields).encode()
    return insist(line, lambda: till(body, name, path))


def call_back(world: World, line: Line) -> None:
    """Two customers of one guide in one second, each told twice; one of them leaves again."""
    guide, at = line.chance.choice(GUIDES), int(time.time())
    names = [f"wm-{world.name('contact')}" for _ in range(2)]
    for name in (*names, *names):
        _tell_of(world, line, "add_external_contact", (guide, name), at)
    for name in names:
        world.book.note("friend", guide=guide, contact=name)
    if line.chance.random() < 0.5:
        _tell_of(world, line, "del_follow_user", (guide, names[0]), at + 1)
        world.book.note("friend_ended", guide=guide, contact=names[0])


def _tell_of(world: World, line: Line, change: str, relation: tuple[str, str], at: int) -> None:
    fields = {
        "ToUserName": world.settings["secret"]["wecom"]["id"],
        "FromUserName": "sys",
        "CreateTime": str(at),
        "MsgType": "event",
        "Event": "change_external_contact",
        "ChangeType": change,
        "UserID": relation[0],
        "ExternalUserID": relation[1],
    }
    rows = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items())
    content = f"<xml>{rows}</xml>".encode()
    reply = insist(line, lambda: world.senders.callback("wecom", WECOM_CALLBACK, content))
    if not reply.accepted:
        world.problems.append(f"a callback was refused: {reply.status}")


def look_behind(world: World, line: Line) -> None:
    """An operator's morning."""
    page = line.chance.choice(PAGES)
    line.ask("GET", asked(f"{CONSOLE}/{page}", world.operator))
    member = world.anybody()
    if member is not None:
        line.ask("GET", asked(f"{CONSOLE}/referrers/{member.member_id}", world.operator))
    fields = {"stages": ["new", "first_purchase"]}
    if world.nights:
        line.ask("POST", told(f"{CONSOLE}/audiences/preview", fields, world.operator))


def ask_for_an_audience(world: World, line: Line) -> None:
    if world.nights:
        key = {"idempotency-key": world.name("audience")}
        fields = {"stages": ["new", "first_purchase"]}
        line.ask("POST", told(f"{CONSOLE}/audiences", fields, world.operator, key))


def trigger_nights(world: World, line: Line) -> None:
    """The same night twice, one after the other; the second has nothing to add."""
    if len(world.nights) >= world.settings["nights"]:
        return
    world.nights.append(None)
    for _ in range(2):
        insist(line, lambda: Sent(NIGHT))
