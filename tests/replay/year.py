"""The year as messages of the orders queue."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from random import Random

from infra.demo.reader import read_orders
from infra.demo.rows import Row
from infra.local.engine import ROOT
from tests.support import NOW, SOURCE

FILE = ROOT / "events" / "online_retail" / "orders.csv.gz"
REPEATED = 0.2


@dataclass(frozen=True, slots=True)
class Message:
    """One event of the file; `delivery` names how its sender delivered it."""

    row: Row
    delivery: str

    def text(self, currency: str) -> str:
        """As the receiver would have queued it."""
        row = self.row
        data: dict[str, object] = {
            "occurred_at": row.placed_at.isoformat(),
            "currency": currency,
            "buyer_id": row.customer_id,
        }
        if row.kind == "order":
            data |= {"order_id": row.invoice, "paid_minor": row.amount_minor}
        else:
            data |= {"order_id": row.refund_of, "refund_id": row.invoice}
            data["refunded_minor"] = row.amount_minor
        kind = "order.paid" if row.kind == "order" else "order.refunded"
        return json.dumps(
            {
                "source": SOURCE,
                "delivery_id": self.delivery,
                "received_at": NOW.isoformat(),
                "body": json.dumps({"type": kind, "data": data}),
            }
        )


def ordered(limit: int | None) -> list[Message]:
    """Every event once, in the order of the file."""
    rows = read_orders(FILE, limit=limit).rows
    return [Message(row, f"d-{row.invoice}") for row in rows]


def shuffled(messages: list[Message], random: Random) -> list[Message]:
    """All of them twice, each time in another order and with a fifth delivered once more.

    Half of the repeats come under another delivery id: the same fact, told anew.
    """
    twice: list[Message] = []
    for _ in range(2):
        again = random.sample(messages, round(len(messages) * REPEATED))
        anew = [Message(one.row, f"{one.delivery}-anew") for one in again[::2]]
        once = [*messages, *again[1::2], *anew]
        random.shuffle(once)
        twice += once
    return twice


def customers(messages: list[Message], wanted: int) -> list[str]:
    """Those who bought most often, in a fixed order."""
    counted = Counter(one.row.customer_id for one in messages if one.row.customer_id)
    ranked = sorted(counted, key=lambda name: (-counted[name], name))
    return ranked[:wanted]
