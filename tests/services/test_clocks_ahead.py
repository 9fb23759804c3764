"""An order that is dated ahead keeps the rules of the time at which it was told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from siyu.domain.order_facts import Paid
from siyu.domain.programmes import Programme
from siyu.domain.referrals import Obstacle
from siyu.services.credit_referral import credit_referral, following
from siyu.services.publish_programme import Draft, publish
from siyu.services.why_nothing import why
from siyu.storage import orders
from tests.books import check_books
from tests.services.rules import OPEN, credits_by_order, kept, pair, rule, trigger
from tests.services.shop import event, paid
from tests.support import NOW

AHEAD = NOW + timedelta(hours=20)


def later_rules(rate_bp: int, begins: datetime = NOW + timedelta(hours=1)) -> None:
    later = Programme(f"later-{begins.hour}", NOW, rate_bp=rate_bp, checks=OPEN)
    publish(Draft(later, begins), "ann", NOW)


def told_ahead(order_id: str, **more: Any) -> None:
    paid(order_id, 10_000, buyer={"openid": "bob"}, occurred_at=AHEAD.isoformat(), **more)


def test_a_version_published_afterwards_does_not_take_hold_of_it() -> None:
    _, bob = pair()
    rule()
    told_ahead("1")
    trigger(bob, "1")
    assert kept() == {"1": 500}
    later_rules(2_000)
    trigger(bob, "1")
    told_ahead("1", store_id="A1B")
    trigger(bob, "1")
    assert (kept(), credits_by_order()["1"].programme) == ({"1": 500}, "v")
    check_books()


def test_nor_does_it_when_the_order_is_the_sale_of_a_payment() -> None:
    _, bob = pair()
    rule()
    sale = orders.sale_key("42")
    for at, more in ((1, dict[str, Any]()), (2, {"store_id": "A1B"})):
        told_ahead("1", payment_id="42", **more)
        credit_referral(sale, following({bob.member_id}), NOW)
        assert {one.programme for one in credits_by_order().values()} == {"v"}
        assert list(kept().values()) == [500]
        later_rules(2_000, NOW + timedelta(hours=at))
    check_books()


def test_why_it_earned_nothing_is_told_by_the_same_rules() -> None:
    _, bob = pair()
    rule(enabled=False)
    told_ahead("1")
    later_rules(2_000)
    trigger(bob, "1")
    assert kept() == {}
    assert why("shop#1").obstacles == [Obstacle.PAUSED]


def test_what_was_told_when_it_was_paid_or_later_has_the_rules_of_its_time() -> None:
    for at in (NOW, NOW - timedelta(days=3)):
        fact = event("order.paid", order_id="1", paid_minor=1, occurred_at=at.isoformat()).fact
        assert isinstance(fact, Paid)
        assert (fact.told_at, fact.rules_at) == (None, at)


def test_when_it_was_told_is_no_part_of_what_was_said() -> None:
    ahead = event("order.paid", order_id="1", paid_minor=1, occurred_at=AHEAD.isoformat())
    assert isinstance(ahead.fact, Paid)
    assert (ahead.fact.told_at, ahead.fact.rules_at) == (NOW, NOW)
    assert "told_at" not in ahead.body


def test_the_earliest_telling_holds_in_whatever_order_they_come() -> None:
    early, late = NOW, NOW + timedelta(hours=2)
    one = Paid(1, AHEAD, told_at=late)
    two = Paid(1, AHEAD + timedelta(hours=1), told_at=early)
    three = Paid(1, AHEAD + timedelta(hours=3))
    for first, second in ((one, two), (two, one)):
        both = first.told_again(second).told_again(three)
        assert (both.occurred_at, both.told_at) == (AHEAD, early)
