"""However much goes over into a sale at once, it fits into what a transaction takes."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain.calendar import business_date
from siyu.services.credit_referral import credit_referral, following
from siyu.services.expire_credit import expire_due
from siyu.services.merge_members import merge_members
from siyu.services.record_order import record_order
from siyu.services.release_credits import release_due
from siyu.storage import credit_items
from tests.books import check_books
from tests.services.rules import bind, member, rule
from tests.services.shop import event
from tests.support import NOW

ACCOUNTS, ORDERS = 24, 6
LATER = NOW + timedelta(days=11)


def told(number: int, paid_minor: int, days_ago: int, **more: str) -> str:
    at = (NOW - timedelta(days=days_ago)).isoformat()
    record_order(
        event(
            "order.paid",
            order_id=str(number),
            paid_minor=paid_minor,
            occurred_at=at,
            buyer={"openid": "bob"},
            **more,
        )
    )
    return f"shop#{number}"


def test_many_orders_of_a_referrer_with_many_accounts_go_over() -> None:
    """Each was paid on a day of its own, and has expired; the sale takes from all of a budget, and
    every account is looked at for every cap."""
    rule(
        per_day_minor=2_000_000,
        per_month_minor=2_000_000,
        per_year_minor=2_000_000,
        budget_minor=1_000_000,
        credit_days=10,
    )
    joined = NOW - timedelta(days=60)
    ann, *others = (member(f"ann{number}", number, joined) for number in range(1, ACCOUNTS + 1))
    for other in others:
        merge_members(ann.member_id, other.member_id, "said", "cat", NOW)
    bob = member("bob", 90, joined)
    bind(ann, bob, joined)
    shared = following({bob.member_id})
    days = [18 + 3 * number for number in range(ORDERS)]
    names = [told(number, 10_000, ago) for number, ago in enumerate(days)]
    for name in names:
        credit_referral(name, shared, NOW)
    assert release_due(business_date(NOW), NOW) == ORDERS
    assert expire_due(business_date(LATER), LATER) == ORDERS
    for number, ago in enumerate(days):
        told(number, 10_000, ago, payment_id="42")
    told(ORDERS, 20_000_000, 40, payment_id="42")
    for name in (*names, "~sale#42"):
        credit_referral(name, shared, LATER)
    check_books()
    sale = credit_items.find("~sale#42")
    assert sale is not None
    assert (sale.kept_minor, sale.limited_by) == (1_000_000, ("budget",))
    assert not any(one.stands for one in credit_items.find_many(names))
