"""An order turns out to tell of a sale that has a credit, or of which others tell, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit
from siyu.domain.ledger import Balance
from siyu.domain.vetting import Verdict
from siyu.services.credit_referral import credit_referral, following
from siyu.services.expire_credit import expire_due
from siyu.services.record_order import record_order
from siyu.services.release_credits import release_due
from siyu.services.review_credits import decide_credit, open_page, refuse_undecided
from siyu.services.sign_up import SignedUp
from siyu.storage import credit_items, ledger
from tests.books import check_books
from tests.services.doubts import DOUBT_ALL
from tests.services.rules import ago, pair, rule
from tests.services.shop import event
from tests.support import NOW, dump

SALE = "~sale#42"
TODAY = business_date(NOW)


def tell(order_key: str, amount: int = 10_000, days_ago: float = 18, **more: Any) -> None:
    """Paid long enough ago for its credit to be released, unless it is said when."""
    source, _, order_id = order_key.partition("#")
    at = ago(days_ago).isoformat()
    about: dict[str, Any] = {"order_id": order_id, "paid_minor": amount, "occurred_at": at}
    record_order(
        replace(event("order.paid", **about, buyer={"openid": "bob"}, **more), source=source)
    )


def follow(friend: SignedUp, *order_keys: str, now: datetime = NOW) -> None:
    for key in order_keys:
        credit_referral(key, following({friend.member_id}), now)


def balance(member: SignedUp) -> Balance:
    return ledger.balance_of([member.member_id])[member.member_id]


def sale() -> Credit:
    found = credit_items.find(SALE)
    assert found is not None
    return found


def released_part(amount: int) -> tuple[SignedUp, SignedUp]:
    """Ann, and Bob, of whose purchase a till tells; its credit is released."""
    ann, bob = pair()
    tell("till#1", amount)
    follow(bob, "till#1")
    assert release_due(TODAY, NOW) == 1
    return ann, bob


def joins(bob: SignedUp, amount: int) -> None:
    tell("till#1", amount, payment_id="42")
    follow(bob, "till#1", SALE)
    check_books()
    stands = dump()
    follow(bob, "till#1", SALE)
    assert dump() == stands


def test_little_that_was_released_does_not_let_go_much_that_waits() -> None:
    rule()
    ann, bob = released_part(1_000)
    tell("shop#1", 200_000, 1, payment_id="42")
    follow(bob, "shop#1", SALE)
    joins(bob, 1_000)
    assert (balance(ann).pending_minor, balance(ann).released_minor) == (10_000, 0)


def test_what_was_released_does_not_let_go_what_somebody_has_to_look_at() -> None:
    rule("before", 300)
    ann, bob = released_part(10_000)
    rule("doubts", 8, checks=DOUBT_ALL)
    tell("shop#1", 10_000, 2, payment_id="42")
    follow(bob, "shop#1", SALE)
    assert sale().in_review
    joins(bob, 10_000)
    assert [one.order_key for one in open_page(None, None, 9, None).credits] == [SALE]
    assert balance(ann).released_minor == 0


def test_what_expired_of_one_order_is_no_debt_where_the_sale_waits() -> None:
    rule(credit_days=10)
    ann, bob = released_part(10_000)
    later = NOW + timedelta(days=11)
    assert expire_due(business_date(later), later) == 1
    tell("till#2", 12_000)
    follow(bob, "till#2", now=later)
    for key, amount in (("till#1", 10_000), ("till#2", 12_000)):
        tell(key, amount, payment_id="42")
    follow(bob, "till#1", "till#2", SALE, now=later)
    check_books()
    kept = sale().kept_minor
    assert (sale().expired_minor, balance(ann).pending_minor, balance(ann).released_minor) == (
        0,
        kept,
        0,
    )


def test_what_somebody_approved_stays_so_where_nobody_decided_about_the_sale() -> None:
    rule(checks=DOUBT_ALL)
    ann, bob = pair()
    tell("shop#1", payment_id="42")
    follow(bob, "shop#1", SALE)
    late = NOW + timedelta(days=40)
    assert refuse_undecided(business_date(late), late) == 1
    tell("till#1")
    follow(bob, "till#1", now=late)
    decide_credit("till#1", Verdict.APPROVE, "operator", late)
    tell("till#1", payment_id="42")
    follow(bob, "till#1", SALE, now=late)
    check_books()
    assert sale().ruling is not None
    assert (sale().verdict, sale().kept_minor) == (Verdict.APPROVE, 500)
    assert balance(ann).released_minor + balance(ann).pending_minor == 500
