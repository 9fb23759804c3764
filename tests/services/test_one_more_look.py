"""Whatever comes between reading and writing, at whatever moment: it ends as if it had come before
or after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from siyu.domain.ledger import Balance
from siyu.services.credit_again import credit_again
from siyu.services.credit_referral import credit_referral, following
from siyu.services.merge_members import merge_members
from siyu.services.referrer_standing import set_standing
from siyu.services.release_credits import release_due
from siyu.services.show_member import show_member
from siyu.services.sign_up import SignedUp
from tests.books import check_books
from tests.faults import line
from tests.services.rules import (
    ago,
    bind,
    buy,
    credits_by_order,
    kept,
    member,
    pair,
    rule,
    trigger,
)
from tests.services.shop import TODAY, paid, receipt, scan, settle
from tests.support import NOW, empty_table

PENDING = Balance(pending_minor=500, earned_minor=500)
GONE = Balance(earned_minor=500, reversed_minor=500)
Work = Callable[[], object]
moments = pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.slow)])


def at_moments(step: int, prepare: Callable[[], tuple[Work, Work, Work]]) -> None:
    """Prepare work, what comes between and what holds in the end; let it come before each step-th
    call that the work makes, and after the last."""
    moment, done = 0, False
    while not done:
        moment += step
        empty_table()
        work, between, holds = prepare()
        came = False

        def meanwhile(number: int, _: str) -> None:
            nonlocal came
            if number == moment and not came:  # noqa: B023 - called in this turn
                came = True
                between()  # noqa: B023 - called in this turn

        with line(meanwhile):
            work()
        done = not came
        if done:
            between()
        holds()
        check_books()
    assert moment > 8


def balance(who: SignedUp) -> Balance:
    return show_member(who.member_id).balance


def on_paper() -> tuple[SignedUp, SignedUp, SignedUp, Work]:
    """Ann, her friend Bob who has the receipt of o1, Cat, and that the shop names Cat's friend Dan
    as its buyer, which the stream follows."""
    rule()
    ann, bob = pair()
    cat, dan = member("cat", 3), member("dan", 4)
    bind(cat, dan)
    at = NOW.isoformat()
    paid("o1", 10_000, receipt_token=receipt(50), occurred_at=at)
    scan(receipt(50), "bob")
    settle()
    assert balance(ann) == PENDING

    def named() -> None:
        paid("o1", 10_000, receipt_token=receipt(50), occurred_at=at, buyer={"openid": "dan"})
        credit_referral("shop#o1", following({dan.member_id}), NOW, former=bob.member_id)

    return ann, bob, cat, named


@moments
def test_an_order_that_moves_while_a_merge_is_settled_earns_its_buyers_referrer(step: int) -> None:
    def prepare() -> tuple[Work, Work, Work]:
        ann, bob, cat, named = on_paper()
        other = member("other", 9)
        merge_members(ann.member_id, other.member_id, "p", "eve", NOW)

        def holds() -> None:
            assert (balance(ann), balance(cat)) == (GONE, PENDING)

        people = {ann.member_id, other.member_id, bob.member_id}
        return lambda: credit_again(people, NOW), named, holds

    at_moments(step, prepare)


@moments
def test_an_order_that_moves_while_a_standing_is_settled_earns_its_buyers_referrer(
    step: int,
) -> None:
    def prepare() -> tuple[Work, Work, Work]:
        ann, _, cat, named = on_paper()

        def holds() -> None:
            assert (balance(ann), balance(cat)) == (GONE, PENDING)

        return lambda: set_standing(ann.member_id, ago(1), suspended=True), named, holds

    at_moments(step, prepare)


@moments
def test_of_two_first_purchases_one_earns(step: int) -> None:
    def prepare() -> tuple[Work, Work, Work]:
        rule(first_purchase_only=True)
        _, bob = pair()
        buy("late", 10_000, days_ago=1)

        def earlier() -> None:
            buy("early", 10_000, days_ago=5)
            trigger(bob, "early")

        def holds() -> None:
            assert kept() == {"early": 500}

        return lambda: trigger(bob, "late"), earlier, holds

    at_moments(step, prepare)


@moments
@pytest.mark.parametrize("suspended", [True, False])
def test_an_order_settled_while_a_standing_moves_earns_what_the_standing_says(
    suspended: bool, step: int
) -> None:
    def prepare() -> tuple[Work, Work, Work]:
        rule()
        ann, bob = pair()
        set_standing(ann.member_id, ago(5), suspended=not suspended)
        buy("o1", 10_000)

        def holds() -> None:
            assert kept() == ({} if suspended else {"o1": 500})

        return (
            lambda: trigger(bob, "o1"),
            lambda: set_standing(ann.member_id, ago(4), suspended=suspended),
            holds,
        )

    at_moments(step, prepare)


def test_a_credit_whose_day_moves_while_it_is_released_waits_for_that_day() -> None:
    """The index named it as due; then the payment is told earlier, under rules that hold it for
    longer."""
    rule("a", 100, return_window_days=90)
    rule("b", 20, return_window_days=14)
    ann, bob = pair(ago(60))
    buy("o1", 10_000, days_ago=19)
    trigger(bob, "o1")
    moved = False

    def meanwhile(_: int, operation: str) -> None:
        nonlocal moved
        if operation == "TransactWriteItems" and not moved:
            moved = True
            buy("o1", 10_000, days_ago=21)
            trigger(bob, "o1")

    with line(meanwhile):
        assert release_due(TODAY, NOW) == 0
    credit = credits_by_order()["o1"]
    assert moved
    assert credit.due
    assert credit.release_on == TODAY + timedelta(days=70)
    assert balance(ann).pending_minor == 500
    check_books()
