"""What shops, tills, WeCom and WeChat send."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.channels import shopify, youzan
from tests.fuzz.known import STORE
from tests.fuzz.reaching import TRIES, Case, until
from tests.fuzz.senders import SHOP, WECHAT_SHOP, Sent, webhooks
from tests.fuzz.signing import ACCOUNTS
from tests.fuzz.trouble import fought_over, no_accounts, no_queue
from tests.fuzz.world import Reply, World

LARGE = b" " * (256 * 1024 + 1)
ECHO = "4375120948345356249"


def cases() -> Iterator[Case]:
    yield from _webhooks()
    yield from _address_checks()
    yield from _redemptions()
    for path, account in ACCOUNTS.items():
        yield from _callbacks(path, account)


def order_paid(world: World, order_id: str = "directed-1") -> dict[str, Any]:
    data = {
        "order_id": order_id,
        "paid_minor": 12_800,
        "currency": world.cloud.env["CURRENCY"],
        "occurred_at": datetime.now(UTC).isoformat(),
    }
    return {"type": "order.paid", "data": data}


def _webhooks() -> Iterator[Case]:
    operation = "POST /v1/webhooks/{source}"

    def shop(world: World, body: bytes = b"", delivery: str = "directed_1") -> Sent:
        return world.senders.shop(body or json.dumps(order_paid(world)).encode(), delivery)

    def no_text(world: World) -> Reply:
        return world.send(shop(world, b"\xff"))

    def paid_at_shopify(world: World) -> Reply:
        return world.send(world.senders.shopify(shopify.encode(shopify.order())))

    def paid_at_youzan(world: World) -> Reply:
        body = youzan.dumps(youzan.envelope("trade_TradePaid", youzan.order()))
        return world.send(world.senders.youzan(body.encode()))

    def unavailable(world: World) -> Reply:
        with no_queue(world.cloud):
            return world.send(shop(world))

    def paid_by_wechat(world: World) -> Reply:
        return world.send(world.senders.wechat_pay(b'{"trade_state":"SUCCESS"}'))

    yield Case(operation, 200, paid_at_shopify)
    yield Case(operation, 200, paid_at_youzan)
    yield Case(operation, 202, lambda world: world.send(shop(world)))
    yield Case(operation, 204, paid_by_wechat)
    yield Case(operation, 400, no_text)
    yield Case(operation, 401, lambda world: world.ask("POST", webhooks(SHOP), b"{}"))
    yield Case(operation, 404, lambda world: world.ask("POST", webhooks("nobody"), b"{}"))
    yield Case(operation, 413, lambda world: world.send(shop(world, LARGE)))
    yield Case(operation, 422, lambda world: world.send(shop(world, b"{")))
    yield Case(operation, 503, unavailable)


def _address_checks() -> Iterator[Case]:
    operation = "GET /v1/webhooks/{source}"

    def check(world: World) -> Sent:
        return world.senders.wechat_shop(b"", echostr=ECHO)

    def forged(world: World) -> Reply:
        sent = check(world)
        return world.send(replace(sent, query={**sent.query, "signature": "0" * 40}), "GET")

    yield Case(operation, 200, lambda world: world.send(check(world), "GET"))
    yield Case(operation, 401, forged)
    yield Case(operation, 401, lambda world: world.ask("GET", webhooks(WECHAT_SHOP)))
    yield Case(operation, 404, lambda world: world.ask("GET", webhooks("nobody")))
    yield Case(operation, 404, lambda world: world.ask("GET", webhooks(SHOP)))


def _redemptions() -> Iterator[Case]:
    operation = "POST /v1/stores/{store}/redemptions"

    def redeem(world: World, coupon: str, redemption: str) -> Reply:
        fields = {"coupon_code": coupon, "spend_minor": 10_000}
        body = json.dumps(fields).encode()
        return world.send(world.senders.till(STORE, body, redemption))

    def twice(world: World) -> Reply:
        coupon = world.coupons(1)[0]
        redeem(world, coupon, "directed_2")
        return redeem(world, coupon, "directed_3")

    def contended(world: World) -> Reply:
        coupons = iter(world.coupons(TRIES))

        def attempt() -> Reply:
            coupon = next(coupons)
            return redeem(world, coupon, f"busy_{coupon}")

        with fought_over(world.cloud, world.member.member_id):
            return until(503, attempt)

    def till(body: bytes) -> Callable[[World], Reply]:
        return lambda world: world.send(world.senders.till(STORE, body, "directed_4"))

    yield Case(operation, 200, lambda world: redeem(world, world.coupons(1)[0], "directed_1"))
    yield Case(operation, 401, lambda world: world.ask("POST", f"/v1/stores/{STORE}/redemptions"))
    yield Case(operation, 404, lambda world: redeem(world, "none", "directed_5"))
    yield Case(operation, 409, twice)
    yield Case(operation, 413, till(LARGE))
    yield Case(operation, 422, till(b"{}"))
    yield Case(operation, 503, contended)


def _callbacks(path: str, account: str) -> Iterator[Case]:
    operation = f"POST {path}"
    event = b"<xml><MsgType>event</MsgType><Event>other</Event></xml>"

    def sent(world: World) -> Sent:
        return world.senders.callback(account, path, event)

    def unavailable(world: World) -> Reply:
        with no_queue(world.cloud):
            return world.send(sent(world))

    def unknown(world: World) -> Reply:
        with no_accounts(world.cloud):
            return world.send(sent(world))

    def check(world: World) -> Sent:
        return world.senders.address_check(account, path, ECHO)

    def check_unknown(world: World) -> Reply:
        with no_accounts(world.cloud):
            return world.send(check(world), "GET")

    yield Case(operation, 200, lambda world: world.send(sent(world)))
    yield Case(operation, 400, lambda world: world.ask("POST", path, b"no xml"))
    yield Case(operation, 401, lambda world: world.ask("POST", path, sent(world).body))
    yield Case(operation, 404, unknown)
    yield Case(operation, 413, lambda world: world.ask("POST", path, LARGE))
    yield Case(operation, 503, unavailable)
    yield Case(f"GET {path}", 200, lambda world: world.send(check(world), "GET"))
    yield Case(f"GET {path}", 401, lambda world: world.ask("GET", path))
    yield Case(f"GET {path}", 404, check_unknown)
