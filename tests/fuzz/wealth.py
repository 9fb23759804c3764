"""Referral credit to ask about: some to spend, some held at a till, some that waits for somebody's
decision."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from siyu.api import credit_id
from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit, reconcile, release
from siyu.domain.holds import UNDONE_WITHIN, ShownCode, Wish
from siyu.domain.ledger import Entry
from siyu.domain.programmes import PROGRAMME
from siyu.domain.referrals import Target
from siyu.services.codes import referral_token
from siyu.services.spend_credit import capture_hold, hold_credit
from siyu.storage import credit_items, keys, ledger
from siyu.storage.transaction import Transaction
from tests.fuzz.known import STORE
from tests.fuzz.senders import SHOP

if TYPE_CHECKING:
    from tests.fuzz.world import Member, Reply, World

RICHES = 10_000_000
SPEND = 10_000
FRIEND = "00000000000F1"
IDLE_SECONDS = 60.0
_numbers = itertools.count()


def rich(world: World) -> Member:
    """A member with much credit to spend."""
    member = world.rich
    if credit_items.find(_key(member.member_id)) is None:
        _earn(member.member_id)
    return member


def wallet_code(world: World, member: Member) -> str:
    headers = {"authorization": member.authorization}
    code: str = world.ask("POST", "/v1/me/credit/code", headers=headers).json()["wallet_code"]
    return code


def tell(world: World, path: str, fields: Any, request_id: str = "") -> Reply:
    """A request of a till about holds."""
    name = request_id or f"directed_{next(_numbers)}"
    content = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return world.send(world.senders.till(STORE, content, name, path))


def wish(world: World, amount: int = 100) -> Mapping[str, Any]:
    code = wallet_code(world, rich(world))
    return {"wallet_code": code, "amount_minor": amount, "spend_minor": SPEND}


def held(world: World) -> str:
    """The id of a hold of 100."""
    hold = f"held_{next(_numbers)}"
    reply = tell(world, "holds", wish(world), hold)
    assert reply.status == 200, reply
    return hold


def held_long_ago(world: World) -> str:
    """The id of a hold that was taken in, and is too old to be undone."""
    hold = f"held_{next(_numbers)}"
    member_id = rich(world).member_id
    now = datetime.now(UTC)
    long_ago = now - UNDONE_WITHIN - timedelta(days=1)
    code = ShownCode(member_id, hold, now)
    hold_credit(Wish(STORE, hold, code, 100, SPEND), long_ago)
    capture_hold(STORE, hold, 100, now)
    return hold


def doubted(world: World, name: str, orders: int = 1) -> list[str]:
    """Names of credits in review: so many friends of one referrer in one minute."""
    code = referral_token(world.join(f"{name}-referrer").member_id)
    most = PROGRAMME.checks.friends_a_minute or 0
    friends = [
        world.join(f"{name}-friend-{number}", referral_code=code) for number in range(most + 1)
    ]
    found = [f"{name}-{number}" for number in range(orders)]
    for order in found:
        _pay(world, order, friends[-1], first=order == found[0])
    world.cloud.wait_idle(IDLE_SECONDS)
    return [credit_id.encode(_key(order)) for order in found]


def plain(world: World, name: str) -> str:
    """The name of a credit that nobody doubts."""
    code = referral_token(world.join(f"{name}-referrer").member_id)
    _pay(world, name, world.join(f"{name}-friend", referral_code=code), first=True)
    world.cloud.wait_idle(IDLE_SECONDS)
    return credit_id.encode(_key(name))


def _pay(world: World, order: str, friend: Member, *, first: bool) -> None:
    """The first order goes with the receipt, and tells of the buyer for the others."""
    data: dict[str, Any] = {
        "order_id": order,
        "paid_minor": 12_800,
        "currency": world.cloud.env["CURRENCY"],
        "occurred_at": datetime.now(UTC).isoformat(),
        "buyer_id": friend.openid,
    }
    if first:
        data["receipt_token"] = friend.receipt
    body = json.dumps({"type": "order.paid", "data": data}).encode()
    assert world.send(world.senders.shop(body, f"paid_{order}")).status == 202


def _key(order: str) -> str:
    return keys.order_key(SHOP, order)


def _earn(member_id: str) -> None:
    now = datetime.now(UTC)
    today = business_date(now)
    opened = Credit(_key(member_id), member_id, FRIEND, PROGRAMME.version, today, today)
    credit, entries = reconcile(replace(opened, granted_minor=RICHES), Target(RICHES, 0))
    _post(credit, entries, now)
    _post(*release(credit, PROGRAMME, today), now)


def _post(credit: Credit, entries: list[Entry], now: datetime) -> None:
    write = Transaction()
    credit_items.put(write, credit)
    ledger.book(write, credit.referrer_id, credit.order_key, entries, now)
    write.commit()
