"""The worked example of docs/domain-rules.md, played line by line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from siyu.services.release_credits import release_due
from siyu.services.show_member import show_member
from tests import support
from tests.docs.reading import DOCS, rows
from tests.services.shop import paid, receipt, refunded, scan, settle

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
MORNING = datetime(2026, 11, 22, 1, tzinfo=UTC)
NIGHT = datetime(2026, 12, 6, 18, tzinfo=UTC)


def money(minor: int) -> str:
    return f"{'−' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def release() -> None:
    assert release_due(NIGHT.date(), NIGHT) == 0, "one day too early"
    release_due(datetime(2026, 12, 7, tzinfo=UTC).date(), NIGHT)


def test_the_worked_example_is_what_happens() -> None:
    support.empty_table()
    ann = scan(receipt(1), "ann", now=NOON)
    bob = scan(receipt(2), "bob", ann.referral_code, now=NOON)

    def sale() -> object:
        at = MORNING.isoformat()
        return paid("1", 19_999, buyer_id="b", receipt_token=receipt(2), occurred_at=at)

    events: list[Callable[[], object]] = [
        lambda: None,
        sale,
        lambda: refunded("1", "r1", 9_999, delivery="twice"),
        lambda: refunded("1", "r1", 9_999, delivery="twice"),
        release,
        lambda: refunded("1", "r1", 19_999),
        lambda: refunded(None, "x9", 5_000, buyer_id="b"),
    ]
    table = list(rows(DOCS / "domain-rules.md", "## A worked example"))
    assert len(table) == len(events)
    for event, (what, *stated) in zip(events, table, strict=True):
        event()
        settle()
        buyer, balance = show_member(bob.member_id).figures, show_member(ann.member_id).balance
        assert [
            f"{buyer.orders}, {money(buyer.net_minor)}",
            f"{money(balance.earned_minor)}, {money(balance.reversed_minor)}",
            f"{money(balance.pending_minor)}, {money(balance.released_minor)}",
        ] == stated, what
