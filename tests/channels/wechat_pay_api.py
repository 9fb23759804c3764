"""The stand-in of WeChat Pay's API, with one payment and its refund."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Thread
from typing import Any

from infra.local.standins.pay import Merchant, Platform, Server, State
from infra.local.standins.pay_bill import Payment, Refund
from siyu.secrets import Source
from tests.channels.wechat_pay import ORDER_ID, PAYMENT_ID, REFUND_ID
from tests.channels.wechat_pay_account import (
    APP_ID,
    FIELDS,
    KEY_ID,
    MCHID,
    MERCHANT_FIELDS,
    MERCHANT_SERIAL,
    PLATFORM,
    SOURCE,
    public_key,
)

PAYMENT = Payment(
    datetime.fromisoformat("2026-11-22T11:58:00+08:00"),
    ORDER_ID,
    PAYMENT_ID,
    "openid-ann",
    APP_ID,
    12_800,
    coupon=2_000,
    goods="外套,红色",
)
ASKED, DONE = (datetime.fromisoformat(f"2026-11-22T11:{at}+08:00") for at in ("58:30", "59:00"))
REFUND = Refund(ASKED, PAYMENT, REFUND_ID, 2_800, succeeded_at=DONE)


@contextmanager
def serving(openid: str = PAYMENT.openid) -> Iterator[Server]:
    merchant = Merchant(MCHID, MERCHANT_SERIAL, public_key("merchant_public"))
    payment = replace(PAYMENT, openid=openid)
    transactions: list[Payment | Refund] = [payment, replace(REFUND, payment=payment)]
    with Server(State(merchant, Platform(KEY_ID, PLATFORM), transactions)) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def source(server: Server, **fields: Any) -> Source:
    given = {**FIELDS, **MERCHANT_FIELDS, "api_url": server.origin, **fields}
    return Source(SOURCE, "wechat_pay", given)
