"""The whole replay as one list of actions in time order, the same for the same rows and seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from infra.demo.figures import business_day
from infra.demo.joins import Join, between, delivered_at, draw_joins, draw_referrers, late_orders
from infra.demo.rows import Row

SEED = "siyu-demo-1"
STORES = 12
REPEAT_EVERY = 50
REPEAT_AFTER = timedelta(seconds=5)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is printed at the till; `serial` runs from 1 in each store every day."""

    store_id: str
    serial: int
    order: Row

    @property
    def day(self) -> date:
        return business_day(self.order.placed_at)


@dataclass(frozen=True, slots=True)
class Deliver:
    """One delivery of a webhook; a repeated one has the id and content of the first."""

    at: datetime
    webhook_id: str
    type: str
    occurred_at: datetime
    data: Mapping[str, str | int | None]
    receipt: Receipt | None
    repeated: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """A customer joins with a receipt, bringing the code of `referrer` (a customer id) if any."""

    at: datetime
    customer_id: str
    receipt: Receipt
    referrer: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    actions: tuple[Deliver | Scan, ...]
    scans: tuple[Scan, ...]
    as_of: date
    currency: str


def make_plan(rows: Sequence[Row], currency: str, seed: str = SEED) -> Plan:
    timeline = sorted(rows, key=lambda row: (row.placed_at, row.line))
    joins = draw_joins(timeline, seed)
    receipts = _receipts(timeline, seed)
    scans = tuple(_scans(joins, receipts, seed))
    actions: list[Deliver | Scan] = [
        *_deliveries(timeline, late_orders(joins), receipts, currency),
        *scans,
    ]
    # A delivery comes before a scan of the same instant: only an early scan precedes its order.
    actions.sort(key=lambda action: (action.at, isinstance(action, Scan)))
    as_of = max(business_day(row.placed_at) for row in rows) + timedelta(days=1)
    return Plan(tuple(actions), scans, as_of, currency)


def _stores(seed: str) -> list[str]:
    random = Random(f"{seed}:stores")
    stores: set[str] = set()
    while len(stores) < STORES:
        stores.add("".join(_CROCKFORD[between(random, (0, 31))] for _ in range(3)))
    return sorted(stores)


def _receipts(timeline: Sequence[Row], seed: str) -> dict[str, Receipt]:
    random, stores = Random(f"{seed}:receipts"), _stores(seed)
    serials: Counter[tuple[str, date]] = Counter()
    receipts = {}
    for row in timeline:
        if row.kind == "order":
            store = stores[between(random, (0, STORES - 1))]
            today = (store, business_day(row.placed_at))
            serials[today] += 1
            receipts[row.invoice] = Receipt(store, serials[today], row)
    return receipts


def _scans(joins: Sequence[Join], receipts: Mapping[str, Receipt], seed: str) -> Iterator[Scan]:
    referrers = draw_referrers(joins, seed)
    for join in joins:
        receipt = receipts[join.order.invoice]
        yield Scan(join.at, join.customer_id, receipt, referrers.get(join.customer_id))


def _deliveries(
    timeline: Sequence[Row],
    late: frozenset[str],
    receipts: Mapping[str, Receipt],
    currency: str,
) -> Iterator[Deliver]:
    for number, row in enumerate(timeline, start=1):
        at, webhook_id = delivered_at(row, late), f"msg_demo{number:08d}"
        data, receipt = _data(row, currency), receipts.get(row.invoice)
        kind = "order.paid" if row.kind == "order" else "order.refunded"
        yield Deliver(at, webhook_id, kind, row.placed_at, data, receipt, False)
        if number % REPEAT_EVERY == 0:
            again = at + REPEAT_AFTER
            yield Deliver(again, webhook_id, kind, row.placed_at, data, receipt, True)


def _data(row: Row, currency: str) -> dict[str, str | int | None]:
    data: dict[str, str | int | None] = {"currency": currency}
    data["occurred_at"] = row.placed_at.isoformat()
    if row.customer_id is not None:
        data["buyer_id"] = row.customer_id
    if row.kind == "order":
        return {**data, "order_id": row.invoice, "paid_minor": row.amount_minor}
    data |= {"refund_id": row.invoice, "refunded_minor": row.amount_minor}
    return {**data, "order_id": row.refund_of}
