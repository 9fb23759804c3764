"""What tests of services say a lot: a shopper scans, the shop sends an event."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count
from typing import Any

from siyu.api.order_event import read_event
from siyu.domain.calendar import business_date
from siyu.domain.codes import issued_code, mint, receipt_code
from siyu.domain.issued_codes import CodeSpec, IssuedCode, IssuedKind
from siyu.domain.keys import issued_code_key, store_code_key
from siyu.services.attach_orders import attach, attach_waiting
from siyu.services.credit_referral import credit_referral, following
from siyu.services.order_events import OrderEvent
from siyu.services.record_order import Outcome, record_order
from siyu.services.sign_up import Scan, SignedUp, sign_up
from siyu.storage import codes
from siyu.storage.order_items import BUYER_KINDS
from siyu.wechat.login import Login
from tests import support
from tests.support import NOW, SECRETS, SOURCE

STORE = "A1B"
MASTER_KEY = str(SECRETS["master_key"]).encode()
KEY = store_code_key(MASTER_KEY, "brand", STORE, 1)
ISSUED_KEY = issued_code_key(MASTER_KEY, "brand", STORE, 1)
TODAY = business_date(NOW)
_deliveries = count()


def receipt(serial: int, day: date = TODAY) -> str:
    return mint(receipt_code(STORE, day, serial), KEY)


def issue(serial: int = 0, **spec: Any) -> str:
    """The token of a code that was issued for the store, with its item."""
    wanted = CodeSpec(**{"kind": IssuedKind.STORE, "store": STORE, **spec})
    code = issued_code(STORE, wanted.valid_until, serial)
    codes.create(IssuedCode(code.key, code.key_version, wanted, NOW), batch=None)
    return mint(code, ISSUED_KEY)


def door() -> str:
    """The store's own code, which everybody may scan."""
    return issue()


def scan(
    token: str,
    openid: str,
    referral: str | None = None,
    now: datetime = NOW,
    unionid: str | None = None,
    **more: Any,
) -> SignedUp:
    return sign_up(Scan(token, referral, lambda: Login(openid, unionid), now, **more))


def event(kind: str, delivery: str | None = None, **data: Any) -> OrderEvent:
    """An event as the worker reads it; times and currency are filled in."""
    data.setdefault("occurred_at", NOW.isoformat())
    if kind in ("order.paid", "order.refunded"):
        data.setdefault("currency", "CNY")
    name = delivery or f"d{next(_deliveries)}"
    return read_event(SOURCE, name, NOW, {"type": kind, "data": data})


def send(kind: str, delivery: str | None = None, **data: Any) -> Outcome:
    return record_order(event(kind, delivery, **data))


def paid(order_id: str, amount: int, delivery: str | None = None, **data: Any) -> Outcome:
    return send("order.paid", delivery, order_id=order_id, paid_minor=amount, **data)


def refunded(
    order_id: str | None, refund_id: str, amount: int, delivery: str | None = None, **data: Any
) -> Outcome:
    fields = {"order_id": order_id, "refund_id": refund_id, "refunded_minor": amount, **data}
    return send("order.refunded", delivery, **fields)


def settle() -> None:
    """Do what the table's stream sets in motion, from the state alone and in no special order."""
    items = list(support.dump().values())
    for item in items:
        fields = {name: value["S"] for name, value in item.items() if "S" in value}
        if fields["kind"] == "IDENTITY" and fields["identity_kind"] in BUYER_KINDS:
            attach_waiting((fields["identity_kind"], fields["identity_index"]), fields["member_id"])
        claimed = {"claimed_by", "order_key"} <= fields.keys() and "buyer_key" not in fields
        if fields["kind"] == "RECEIPT" and claimed:
            attach([fields["order_key"]], fields["claimed_by"])
    for item in support.dump().values():
        if item["kind"]["S"] == "ORDER" and "member_id" in item:
            member_id = item["member_id"]["S"]
            credit_referral(item["order_key"]["S"], following({member_id}), NOW)
