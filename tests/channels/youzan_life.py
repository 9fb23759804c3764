"""What tests of Youzan say a lot: these messages came to the worker, the order stands like this."""

from __future__ import annotations

import json
from typing import Any

from siyu.domain.orders import Order
from siyu.storage import orders
from tests.channels.youzan import CLOSE, TID, dumps, envelope, order, refund
from tests.functions.calls import batch, call
from tests.support import NOW


def deliver(*sent: tuple[str, Any], source: str = "yz", name: str = "y", **changes: Any) -> None:
    """Give the worker messages, each under an id of its own."""
    messages = [
        {
            "source": source,
            "delivery_id": f"{name}-{number}",
            "received_at": NOW.isoformat(),
            "body": dumps({**envelope(kind, message), **changes}),
        }
        for number, (kind, message) in enumerate(sent)
    ]
    answer = call("order_worker", batch(*map(json.dumps, messages)))
    assert answer == {"batchItemFailures": []}


def standing(tid: str = TID, source: str = "yz") -> Order:
    return orders.find([f"{source}#{tid}"])[f"{source}#{tid}"].order


def life(number: int) -> list[tuple[str, Any]]:
    """One order, whole: a part was given back, then it was closed with all the rest."""
    tid, pay = f"E{number}", {"outer_transactions": [f"42{number}"]}
    return [
        ("trade_TradeCreate", order(paid=False, tid=tid)),
        ("trade_TradePaid", order(tid=tid, pay=pay, status="TRADE_PAID")),
        ("trade_TradeBuyerPay", order(tid=tid, pay=pay)),
        ("trade_refund_RefundSellerAgree", refund(tid=tid, refund_id=f"r{number}")),
        ("trade_TradeClose", {**CLOSE, "tid": tid}),
    ]
