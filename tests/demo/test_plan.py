"""The plan is the same for the same rows, and nobody joins who did not buy."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from infra.demo.figures import business_day
from infra.demo.plan import Deliver, Plan, Scan, make_plan
from infra.demo.reader import read_orders

SAMPLE = Path(__file__).parents[1] / "data" / "sample_orders.csv"
REAL_ORDERS = Path(__file__).parents[2] / "events" / "online_retail" / "orders.csv.gz"
CROCKFORD = set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def sample_plan() -> Plan:
    return make_plan(read_orders(SAMPLE).rows, "GBP")


@cache
def real_plan() -> Plan:
    return make_plan(read_orders(REAL_ORDERS).rows, "GBP")


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = list(read_orders(SAMPLE).rows)
    shuffled = random.Random(5).sample(rows, len(rows))
    assert make_plan(shuffled, "GBP") == make_plan(rows, "GBP")


def test_actions_are_in_time_order_and_every_row_is_delivered() -> None:
    plan = sample_plan()
    assert [action.at for action in plan.actions] == sorted(action.at for action in plan.actions)
    first = [one for one in plan.actions if isinstance(one, Deliver) and not one.repeated]
    ids = {one.data.get("refund_id") or one.data["order_id"] for one in first}
    assert ids == {row.invoice for row in read_orders(SAMPLE).rows}


def test_every_fiftieth_webhook_is_delivered_twice_with_the_same_id_and_content() -> None:
    deliveries = [one for one in real_plan().actions if isinstance(one, Deliver)]
    repeated = {one.webhook_id: one for one in deliveries if one.repeated}
    assert len(repeated) == 23_795 // 50
    for one in deliveries:
        again = repeated.get(one.webhook_id)
        if again and not one.repeated:
            assert (again.data, again.type) == (one.data, one.type)
            assert again.at - one.at == timedelta(seconds=5)


def test_each_buyer_joins_once_with_a_receipt_of_their_own() -> None:
    plan = real_plan()
    buyers = {row.customer_id for row in read_orders(REAL_ORDERS).rows if row.kind == "order"}
    assert {scan.customer_id for scan in plan.scans} == buyers - {None}
    assert len(plan.scans) == 4_338
    assert all(scan.receipt.order.customer_id == scan.customer_id for scan in plan.scans)


def test_scans_follow_the_delivery_except_the_early_ones() -> None:
    plan = real_plan()
    delivered = {
        one.receipt.order.invoice: one.at
        for one in plan.actions
        if isinstance(one, Deliver) and one.receipt and not one.repeated
    }
    leads = [delivered[scan.receipt.order.invoice] - scan.at for scan in plan.scans]
    early = [lead for lead in leads if lead > timedelta(0)]
    assert all(timedelta(minutes=1) <= lead <= timedelta(minutes=3) for lead in early)
    assert 0.03 < len(early) / len(leads) < 0.07
    assert min(leads) >= timedelta(minutes=-44)
    assert max(scan.at for scan in plan.scans) <= max(delivered.values())
    assert plan.as_of > max(business_day(scan.at) for scan in plan.scans)


def test_referrers_joined_before_and_a_few_bring_most() -> None:
    plan = real_plan()
    seen: set[str] = set()
    for action in plan.actions:
        if isinstance(action, Scan):
            assert action.referrer is None or action.referrer in seen
            seen.add(action.customer_id)
    brought = Counter(scan.referrer for scan in plan.scans if scan.referrer)
    assert 0.27 < brought.total() / len(plan.scans) < 0.33
    assert sum(count for _, count in brought.most_common(20)) > brought.total() / 5


def test_receipts_count_from_one_every_day_in_each_of_twelve_stores() -> None:
    serials: dict[tuple[str, date], list[int]] = {}
    for action in real_plan().actions:
        if isinstance(action, Deliver) and action.receipt and not action.repeated:
            receipt = action.receipt
            assert receipt.day == business_day(action.occurred_at)
            serials.setdefault((receipt.store_id, receipt.day), []).append(receipt.serial)
    stores = {store for store, _ in serials}
    assert all(len(store) == 3 and set(store) <= CROCKFORD for store in stores)
    assert len(stores) == 12
    assert all(used == list(range(1, len(used) + 1)) for used in map(sorted, serials.values()))


def test_payloads_have_the_shape_of_the_webhook() -> None:
    by_type: dict[str, set[frozenset[str]]] = {}
    for action in sample_plan().actions:
        if isinstance(action, Deliver):
            by_type.setdefault(action.type, set()).add(frozenset(action.data))
    common = {"order_id", "currency", "occurred_at"}
    sale, refund = common | {"paid_minor"}, common | {"refund_id", "refunded_minor"}
    assert by_type == {
        "order.paid": {frozenset(sale), frozenset(sale | {"buyer_id"})},
        "order.refunded": {frozenset(refund), frozenset(refund | {"buyer_id"})},
    }
