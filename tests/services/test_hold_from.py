"""The hold of a credit begins with the payment, or with the order's completion."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from siyu.domain.calendar import business_date
from siyu.domain.ledger import RELEASED
from siyu.domain.programmes import HoldFrom
from siyu.services.record_order import record_order
from siyu.services.release_credits import release_due
from tests.acceptance.changes import Changes
from tests.books import check_books
from tests.services.rules import ago, credits_by_order, pair, rule
from tests.services.shop import event
from tests.support import NOW

PAID = business_date(ago(5))


def tell(kind: str, days_ago: float, source: str = "shop", **more: Any) -> None:
    about: dict[str, Any] = {"order_id": "o1", "occurred_at": ago(days_ago).isoformat(), **more}
    record_order(replace(event(kind, **about), source=source))


def told_paid(source: str = "shop", **more: Any) -> None:
    tell("order.paid", 5, source, paid_minor=10_000, buyer={"openid": "bob"}, **more)


@pytest.mark.parametrize("completed_first", [False, True])
def test_completion_begins_the_hold_and_a_month_without_it_ends_the_waiting(
    *, completed_first: bool
) -> None:
    pair()
    rule(hold_from=HoldFrom.COMPLETION, return_window_days=7)
    stream = Changes()
    if completed_first:
        tell("order.completed", 2)
    told_paid()
    stream.follow()
    if not completed_first:
        assert credits_by_order()["o1"].release_on == PAID + timedelta(days=30 + 8)
        tell("order.completed", 2)
        stream.follow()
    day = business_date(ago(2)) + timedelta(days=8)
    assert credits_by_order()["o1"].release_on == day
    assert release_due(day - timedelta(days=1), NOW) == 0
    assert release_due(day, NOW) == 1
    check_books()


def test_what_is_completed_later_than_a_month_waits_no_longer() -> None:
    pair(at=ago(60))
    rule(hold_from=HoldFrom.COMPLETION)
    stream = Changes()
    tell("order.paid", 50, paid_minor=10_000, buyer={"openid": "bob"})
    tell("order.completed", 1)
    stream.follow()
    wanted = business_date(ago(50)) + timedelta(days=30 + 15)
    assert credits_by_order()["o1"].release_on == wanted


def test_a_sale_waits_for_the_last_of_those_that_tell_of_it() -> None:
    pair()
    rule(hold_from=HoldFrom.COMPLETION, return_window_days=7)
    stream = Changes()
    told_paid(payment_id="42")
    told_paid("till", payment_id="42")
    stream.follow()
    for source, days in (("shop", 4), ("till", 1)):
        tell("order.completed", days, source)
        stream.follow()
        wanted = business_date(ago(days)) + timedelta(days=8)
        assert credits_by_order()["42"].release_on == wanted


def test_otherwise_it_does_not_matter() -> None:
    pair()
    rule()
    stream = Changes()
    told_paid()
    tell("order.completed", 1)
    stream.follow()
    assert credits_by_order()["o1"].release_on == PAID + timedelta(days=15)


def test_what_is_released_stays_so() -> None:
    pair(at=ago(60))
    rule(hold_from=HoldFrom.COMPLETION)
    stream = Changes()
    tell("order.paid", 50, paid_minor=10_000, buyer={"openid": "bob"})
    stream.follow()
    assert release_due(business_date(NOW), NOW) == 1
    tell("order.completed", 1)
    stream.follow()
    assert credits_by_order()["o1"].state == RELEASED
    check_books()
