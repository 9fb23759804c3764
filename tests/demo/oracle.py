"""The proof's rules once more, in plain loops over the rows: slow, obvious, and no SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from infra.demo.figures import MemberFigures, Programme, business_day
from infra.demo.plan import Scan
from infra.demo.rows import Row


def expected_figures(
    rows: Sequence[Row], scans: Sequence[Scan], programme: Programme
) -> dict[str, MemberFigures]:
    as_of = max(business_day(row.placed_at) for row in rows) + timedelta(days=1)
    return {
        scan.customer_id: _member(scan.customer_id, rows, scans, programme, as_of) for scan in scans
    }


def _member(
    customer_id: str,
    rows: Sequence[Row],
    scans: Sequence[Scan],
    programme: Programme,
    as_of: date,
) -> MemberFigures:
    net, days = 0, []
    for row in rows:
        if row.customer_id != customer_id:
            continue
        if row.kind == "refund" and row.refund_of is None:
            net -= row.amount_minor
        elif row.kind == "order":
            order_net = _net(row, rows)
            net += order_net
            if order_net > 0:
                days.append(business_day(row.placed_at))
    recency = (as_of - max(days)).days if days else None
    return MemberFigures(
        net, len(days), recency, *_credits(customer_id, rows, scans, programme, as_of)
    )


def _net(order: Row, rows: Sequence[Row]) -> int:
    refunds = (row.amount_minor for row in rows if row.refund_of == order.invoice)
    return order.amount_minor - sum(refunds)


def _credits(
    referrer: str, rows: Sequence[Row], scans: Sequence[Scan], programme: Programme, as_of: date
) -> tuple[int, int, int]:
    pending = released = reversed_ = 0
    joined = {scan.customer_id: scan for scan in scans if scan.referrer == referrer}
    for row in rows:
        scan = joined.get(row.customer_id or "")
        if row.kind != "order" or scan is None or row.amount_minor < programme.min_order_minor:
            continue
        day = business_day(row.placed_at)
        if day < business_day(scan.at):
            continue
        earned = row.amount_minor * programme.rate_bp // 10_000
        kept = earned * max(_net(row, rows), 0) // row.amount_minor
        reversed_ += earned - kept
        if day + timedelta(days=programme.hold_days) <= as_of:
            released += kept
        else:
            pending += kept
    return pending, released, reversed_
