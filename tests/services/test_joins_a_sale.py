"""An order turns out to tell of a sale that has a credit, or of which others tell, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit
from siyu.domain.ledger import PENDING, RELEASED
from siyu.domain.vetting import Verdict
from siyu.services.credit_referral import credit_referral, following
from siyu.services.expire_credit import expire_due
from siyu.services.record_order import record_order
from siyu.services.release_credits import release_due
from siyu.services.review_credits import decide_credit, open_page, refuse_undecided
from siyu.services.sign_up import SignedUp
from siyu.storage import credit_items, ledger
from siyu.storage.transaction import Transaction
from tests.books import check_books
from tests.services.doubts import APPROVE, BLOCK, DOUBT_ALL, frauds
from tests.services.doubts import spend as spent_by
from tests.services.rules import OPEN, ago, bind, member, pair, rule
from tests.services.shop import event
from tests.support import NOW, dump

SALE = "~sale#42"
TODAY = business_date(NOW)


def tell(
    order_key: str, amount: int = 10_000, days_ago: float = 18, who: str = "bob", **more: Any
) -> None:
    """Paid long enough ago for its credit to be released, unless it is said when."""
    source, _, order_id = order_key.partition("#")
    at = ago(days_ago).isoformat()
    about: dict[str, Any] = {"order_id": order_id, "paid_minor": amount, "occurred_at": at}
    record_order(
        replace(event("order.paid", **about, buyer={"openid": who}, **more), source=source)
    )


def follow(friend: SignedUp, *order_keys: str, now: datetime = NOW) -> None:
    for key in order_keys:
        credit_referral(key, following({friend.member_id}), now)


def has(member: SignedUp) -> tuple[int, int]:
    """What waits of somebody's credit, and what can be spent."""
    balance = ledger.balance_of([member.member_id])[member.member_id]
    return balance.pending_minor, balance.released_minor


def sale() -> Credit:
    found = credit_items.find(SALE)
    assert found is not None
    return found


def alone(amount: int = 10_000) -> tuple[SignedUp, SignedUp]:
    """Ann, and Bob, of whose purchase a till tells, but not of the payment."""
    ann, bob = pair()
    tell("till#1", amount)
    follow(bob, "till#1")
    return ann, bob


def release(now: datetime = NOW) -> int:
    return release_due(business_date(now), now)


def sold(bob: SignedUp, amount: int = 10_000, days_ago: float = 18, now: datetime = NOW) -> None:
    """A shop tells of the sale."""
    tell("shop#1", amount, days_ago, payment_id="42")
    follow(bob, "shop#1", SALE, now=now)


def joins(bob: SignedUp, amount: int = 10_000, now: datetime = NOW) -> None:
    """The till says that it was this payment; saying it again changes nothing."""
    tell("till#1", amount, payment_id="42")
    follow(bob, "till#1", SALE, now=now)
    check_books()
    stands = dump()
    follow(bob, "till#1", SALE, now=now)
    assert dump() == stands


@pytest.mark.parametrize("sale_first", [True, False])
@pytest.mark.parametrize("spent", [0, 400])
def test_a_sale_is_released_if_all_of_it_was_released_of_its_order(
    sale_first: bool, spent: int
) -> None:
    """Whichever of the two is looked at first."""
    rule(credit_days=10)
    ann, bob = alone()
    release()
    spent_by(ann, spent) if spent else None
    sold(bob) if sale_first else tell("shop#1", payment_id="42")
    joins(bob)
    assert (sale().state, has(ann)) == (RELEASED, (0, 500 - spent))
    assert release() == 0
    assert sale().expires_on == TODAY + timedelta(days=10)


@pytest.mark.parametrize("sale_first", [True, False])
def test_a_sale_that_comes_to_more_by_another_order_waits_and_then_is_released(
    sale_first: bool,
) -> None:
    rule()
    ann, bob = alone()
    release()
    spent_by(ann, 400)
    if sale_first:
        joins(bob)
        assert (sale().state, has(ann)) == (RELEASED, (0, 100))
    tell("till#2", 20_000, payment_id="42")
    joins(bob)
    assert (sale().state, has(ann)) == (PENDING, (1_500, -400))
    assert release() == 1
    assert has(ann) == (0, 1_100)
    tell("till#3", 20_000, payment_id="42")
    follow(bob, "till#3", SALE)
    assert has(ann) == (0, 2_100)
    check_books()


def test_what_went_over_is_released_in_no_night() -> None:
    """Else the night would let go by its orders what somebody has to look at."""
    rule("before", 300)
    ann, bob = alone()
    rule("doubts", 8, checks=DOUBT_ALL)
    sold(bob, days_ago=2)
    joins(bob)
    later = NOW + timedelta(days=20)
    assert release(later) == 0
    follow(bob, "till#1", SALE, now=later)
    assert (sale().in_review, has(ann)) == (True, (500, 0))


def test_what_waits_of_an_order_does_not_wait_where_its_sale_is_released() -> None:
    rule()
    ann, bob = pair()
    sold(bob)
    release()
    tell("till#1")
    follow(bob, "till#1")
    assert has(ann) == (500, 500)
    joins(bob)
    assert (sale().state, has(ann)) == (RELEASED, (0, 500))


def test_little_that_was_released_does_not_let_go_much_that_waits() -> None:
    rule()
    ann, bob = alone(1_000)
    release()
    sold(bob, 200_000, 1)
    joins(bob, 1_000)
    assert has(ann) == (10_000, 0)


def test_what_was_released_does_not_let_go_more_that_somebody_has_to_look_at() -> None:
    rule("before", 300)
    ann, bob = alone()
    release()
    rule("doubts", 8, checks=DOUBT_ALL)
    sold(bob, 20_000, days_ago=2)
    assert sale().in_review
    joins(bob)
    assert [one.order_key for one in open_page(None, None, 9, None).credits] == [SALE]
    assert has(ann) == (1_000, 0)


def test_what_expired_of_an_order_has_expired_of_its_sale() -> None:
    rule(credit_days=10)
    ann, bob = alone()
    release()
    later = NOW + timedelta(days=11)
    assert expire_due(business_date(later), later) == 1
    sold(bob, now=later)
    joins(bob, now=later)
    assert (sale().state, sale().expired_minor, has(ann)) == (RELEASED, 500, (0, 0))


def test_of_two_orders_of_a_sale_the_one_that_keeps_more_goes_on() -> None:
    rule(credit_days=10)
    ann, bob = alone()
    release()
    later = NOW + timedelta(days=11)
    assert expire_due(business_date(later), later) == 1
    tell("till#2", 12_000)
    follow(bob, "till#2", now=later)
    for key, amount in (("till#1", 10_000), ("till#2", 12_000)):
        tell(key, amount, payment_id="42")
    follow(bob, "till#1", "till#2", SALE, now=later)
    check_books()
    assert has(ann) == (sale().kept_minor, 0)
    assert (sale().state, sale().expired_minor) == (PENDING, 0)


def over(key: str, day: date) -> None:
    """Let a credit end on a day."""
    credit = credit_items.find(key)
    assert credit is not None
    write = Transaction()
    credit_items.put(write, replace(credit, expires_on=day, version=credit.version + 1))
    write.commit()


@pytest.mark.parametrize("spent", [0, 500])
def test_what_can_be_spent_of_an_order_can_be_where_all_of_its_sale_was_over(spent: int) -> None:
    rule(credit_days=10)
    ann, bob = alone()
    sold(bob)
    assert release() == 2
    over(SALE, TODAY)
    assert expire_due(TODAY, NOW) == 1
    assert has(ann) == (0, 500)
    spent_by(ann, spent) if spent else None
    joins(bob)
    assert has(ann) == (0, 500 - spent)
    assert sale().lasts_until == TODAY + timedelta(days=10)
    later = NOW + timedelta(days=10)
    assert expire_due(business_date(later), later) == 1
    assert (has(ann), sale().lasts_until) == ((0, 0), None)
    check_books()


def test_what_was_over_of_two_orders_of_one_payment_stays_over() -> None:
    rule(credit_days=10)
    ann, bob = alone()
    tell("till#2", payment_id="42")
    follow(bob, "till#2", SALE)
    assert release() == 2
    later = NOW + timedelta(days=11)
    assert expire_due(business_date(later), later) == 2
    joins(bob, now=later)
    assert (sale().kept_minor, sale().expired_minor, has(ann)) == (1_000, 1_000, (0, 0))


def test_what_comes_in_addition_to_what_was_over_lasts_as_long_as_any_other() -> None:
    rule(credit_days=10)
    ann, bob = alone()
    joins(bob)
    release()
    later = NOW + timedelta(days=11)
    assert expire_due(business_date(later), later) == 1
    tell("till#2", payment_id="42")
    follow(bob, "till#2", SALE, now=later)
    check_books()
    assert (sale().kept_minor, has(ann)) == (1_000, (0, 500))
    assert expire_due(business_date(later), later) == 0
    assert sale().lasts_until == business_date(later) + timedelta(days=10)


def test_a_sale_of_which_all_was_released_in_its_orders_is_released() -> None:
    rule()
    ann, bob = alone(9_990)
    tell("till#2", 9_990)
    follow(bob, "till#2")
    assert release() == 2
    tell("till#2", 9_990, payment_id="42")
    joins(bob, 9_990)
    assert (sale().state, has(ann)) == (RELEASED, (0, 999))


@pytest.mark.parametrize("refused", [False, True])
def test_little_that_was_released_does_not_let_go_a_large_sale_without_a_credit(
    refused: bool,
) -> None:
    """Whichever of the two is looked at first, and whatever is decided in between."""
    rule()
    ann, bob = alone(1_000)
    release()
    tell("shop#1", 200_000, 1, payment_id="42")
    if refused:
        decide_credit("till#1", BLOCK, "operator", NOW, "seen with the goods")
    joins(bob, 1_000)
    if refused:
        assert (sale().granted_minor, has(ann)) == (50, (0, 0))
        decide_credit(SALE, APPROVE, "operator", NOW)
    assert (sale().state, has(ann)) == (PENDING, (10_000, 0))
    assert release() == 0
    check_books()


def test_what_was_found_to_be_fraud_stays_refused() -> None:
    rule()
    ann, bob = alone()
    decide_credit("till#1", BLOCK, "operator", NOW, "seen with the goods", fraud=True)
    sold(bob)
    joins(bob)
    assert (sale().blocked, has(ann)) == (True, (0, 0))


@pytest.mark.parametrize("last", [APPROVE, BLOCK])
def test_of_two_decisions_the_last_one_holds(last: Verdict) -> None:
    rule(checks=DOUBT_ALL)
    _, bob = alone()
    sold(bob)
    first = APPROVE if last is BLOCK else BLOCK
    decide_credit(SALE, first, "operator", NOW - timedelta(hours=1), "at the sale")
    decide_credit("till#1", last, "operator", NOW, "at the till")
    joins(bob)
    assert (sale().verdict, sale().kept_minor) == (last, 500 if last is APPROVE else 0)


def test_what_somebody_approved_stays_so_where_nobody_decided_about_the_sale() -> None:
    rule(checks=DOUBT_ALL)
    _, bob = pair()
    sold(bob)
    late = NOW + timedelta(days=40)
    assert refuse_undecided(business_date(late), late) == 1
    tell("till#1")
    follow(bob, "till#1", now=late)
    decide_credit("till#1", APPROVE, "operator", late)
    joins(bob, now=late)
    assert (sale().verdict, sale().kept_minor) == (APPROVE, 500)


def doubted_for_more(bob: SignedUp) -> None:
    """The sale is paid under rules that doubt it for one reason more than its order, which is only
    half of it."""
    rule("more", 8, checks=replace(OPEN, share_bp=100, friends_a_day=0))
    sold(bob, 20_000, days_ago=2)
    assert sale().decision.reasons == ("friends_a_day", "share_of_order")


def test_an_approval_for_fewer_reasons_undoes_no_refusal_that_was_for_more() -> None:
    rule("less", checks=DOUBT_ALL)
    ann, bob = alone()
    decide_credit("till#1", APPROVE, "operator", NOW)
    doubted_for_more(bob)
    joins(bob)
    late = NOW + timedelta(days=40)
    assert refuse_undecided(business_date(late), late) == 1
    stands = dump()
    follow(bob, "shop#1", SALE, now=late)
    assert dump() == stands
    assert has(ann) == (0, 0)


def test_an_approval_for_fewer_reasons_takes_back_none_that_was_for_more() -> None:
    rule("less", checks=DOUBT_ALL)
    ann, bob = alone()
    doubted_for_more(bob)
    decide_credit(SALE, APPROVE, "operator", NOW)
    decide_credit("till#1", APPROVE, "operator", NOW + timedelta(hours=1))
    joins(bob)
    assert sale().verdict is APPROVE
    assert release(NOW + timedelta(days=20)) == 1
    assert has(ann) == (0, 1_000)


def test_a_fraud_that_was_none_after_all_counts_no_more_once_that_is_said_of_the_sale() -> None:
    rule(checks=DOUBT_ALL)
    ann, bob = alone()
    sold(bob)
    decide_credit(SALE, BLOCK, "operator", NOW, "seen with the goods", fraud=True)
    decide_credit("till#1", APPROVE, "operator", NOW + timedelta(hours=1))
    joins(bob)
    assert (sale().verdict, frauds(ann)) == (APPROVE, {SALE})
    for _ in range(2):
        decide_credit(SALE, APPROVE, "operator", NOW + timedelta(hours=2))
        assert frauds(ann) == set()
        check_books()


def test_that_nobody_decided_about_an_order_leaves_its_sale_the_days_that_it_has() -> None:
    rule(checks=DOUBT_ALL)
    _, bob = alone()
    late = NOW + timedelta(days=40)
    assert refuse_undecided(business_date(late), late) == 1
    sold(bob, now=late)
    joins(bob, now=late)
    assert sale().in_review
    assert refuse_undecided(business_date(late), late) == 0


@pytest.mark.parametrize("own", [True, False])
def test_what_was_refused_after_its_release_goes_on_to_count_once(own: bool) -> None:
    rule(per_year_minor=1_000)
    ann, bob = alone()
    if own:
        sold(bob)
    release()
    decide_credit(SALE if own else "till#1", BLOCK, "operator", NOW, "seen with the goods")
    joins(bob)
    assert (has(ann), sale().granted_minor) == ((0, 0), 500)
    counted = [int(one["used_minor"]["N"]) for one in dump().values() if one["kind"]["S"] == "CAP"]
    assert set(counted) == {500}


def test_an_order_that_went_over_lets_go_nothing_of_a_sale_that_changes_hands() -> None:
    rule()
    ann, bob = alone(1_000)
    release()
    dan, carl = member("dan", 3), member("carl", 4)
    bind(dan, carl)
    tell("shop#1", 200_000, 1, "carl", payment_id="42")
    follow(carl, "shop#1", SALE)
    joins(bob, 1_000)
    assert (has(ann), has(dan)) == ((0, 0), (10_000, 0))
    tell("app#1", 200_000, 1, payment_id="42")
    follow(bob, "app#1", SALE)
    check_books()
    assert (has(ann), has(dan)) == ((10_000, 0), (0, 0))
