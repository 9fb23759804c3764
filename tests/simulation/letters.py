"""Messages as the receiver leaves them, and the fact that each of them tells, if any."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from siyu.services import identities
from tests.support import WECHAT_APP_ID

NOT_UNDERSTOOD = "not_an_order_event"
GHOST = "ghost"


@dataclass(frozen=True)
class Message:
    """`fact` is what a FACT item should hold, `reason` why there can be none; one is None."""

    number: int
    source: str
    delivery_id: str
    received_at: datetime
    text: str
    order_key: str = ""
    fact: str | None = None
    reason: str | None = None

    def record(self) -> dict[str, Any]:
        """As Lambda passes it on."""
        sent = str(int(self.received_at.timestamp()) * 1000)
        return {
            "messageId": f"m{self.number}",
            "receiptHandle": f"r{self.number}",
            "body": self.text,
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": sent},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        }


def envelope(source: str, delivery_id: str, received_at: datetime, body: str) -> str:
    fields = {"source": source, "delivery_id": delivery_id, "received_at": received_at.isoformat()}
    return json.dumps({**fields, "body": body})


def letter(
    number: int, source: str, delivery_id: str, received_at: datetime, *, kind: str,
    data: dict[str, Any],
) -> Message:  # fmt: skip
    """A message about an order; `data` has a datetime at `occurred_at`."""
    at = data["occurred_at"].astimezone(UTC)
    told = {**data, "occurred_at": data["occurred_at"].isoformat()}
    if kind in ("order.paid", "order.refunded"):
        told["currency"] = "CNY"
    body = json.dumps({"type": kind, "data": told})
    order_id = data.get("order_id") or f"~refund:{data['refund_id']}"
    fact = {"type": kind, "order_id": order_id, "occurred_at": at.isoformat()}
    fact |= _paid(source, data) if kind == "order.paid" else {}
    fact |= _refunded(source, data) if kind == "order.refunded" else {}
    text = envelope(source, delivery_id, received_at, body)
    canonical = json.dumps(fact, sort_keys=True)
    return Message(
        number, source, delivery_id, received_at, text, f"{source}#{order_id}", canonical
    )


def buyer_key(source: str, buyer_id: str) -> str:
    return identities.buyer(source, buyer_id)[1]


def _paid(source: str, data: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"amount_minor": data["paid_minor"]}
    if "buyer_id" in data:
        said["buyer_key"] = buyer_key(source, data["buyer_id"])
    if "receipt_token" in data:
        said["receipt"] = data["receipt_token"][1:14]
    if "buyer" in data:
        said["people"] = sorted(people(data["buyer"]))
    for name in ("store_id", "guide_id", "till_id", "payment_id", "payment_only", "lines"):
        if data.get(name):
            said[name] = data[name]
    return said


def people(buyer: dict[str, str]) -> list[str]:
    """`<kind>#<index>` of what WeChat calls somebody."""
    found = []
    if "openid" in buyer:
        found.append("#".join(identities.openid_in(WECHAT_APP_ID, buyer["openid"])))
    if "unionid" in buyer:
        found.append("#".join(identities.unionid(buyer["unionid"])))
    return found


def _refunded(source: str, data: dict[str, Any]) -> dict[str, Any]:
    said = {"refund_id": data["refund_id"], "amount_minor": data["refunded_minor"]}
    if "buyer_id" in data and "order_id" not in data:
        said["buyer_key"] = buyer_key(source, data["buyer_id"])
    return said


def poison(number: int, source: str, at: datetime, chance: random.Random) -> Message:
    """A message that can have no effect, and the reason that the rules give for it."""
    data: dict[str, Any] = {"order_id": f"x{number}", "paid_minor": 500, "currency": "CNY"}
    data["occurred_at"] = at.isoformat()
    kind, reason = "order.paid", NOT_UNDERSTOOD
    sort = chance.randrange(7)
    if sort == 0:
        data["currency"], reason = "EUR", "foreign_currency"
    elif sort == 1:
        data["paid_minor"] = chance.choice((0, -5, True, "500", 1_000_000_001))
    elif sort == 2:
        kind = "order.lost"
    elif sort == 3:
        data["occurred_at"] = (at + timedelta(days=1, seconds=1)).isoformat()
        reason = "from_the_future"
    elif sort == 4:
        source, reason = GHOST, "unknown_source"
    body = "{" if sort == 5 else json.dumps({"type": kind, "data": data})
    delivery_id = f"poison{number}"
    text = envelope(source, delivery_id, at, body)
    if sort == 6:
        text, source, reason = text[:-1], "unknown", "not_a_message"
    return Message(number, source, delivery_id, at, text, reason=reason)
