"""The version in force when an order was paid decides about it, however and whenever it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from siyu.domain.ledger import Balance
from siyu.services.release_credits import release_due
from siyu.services.show_member import show_member
from siyu.services.sign_up import SignedUp
from siyu.storage import accounts
from tests.books import check_books
from tests.services.rules import buy, credits_by_order, kept, pair, rule, trigger
from tests.services.shop import refunded
from tests.support import NOW, empty_table

LINES = [
    {"sku": "GIFT-10", "quantity": 1, "amount_minor": 4_000},
    {"sku": "SHOES", "quantity": 2, "amount_minor": 12_000},
]


def balance(who: SignedUp) -> Balance:
    return show_member(who.member_id).balance


def of_versions() -> dict[str, str]:
    return {name: one.programme for name, one in credits_by_order().items()}


def two_versions() -> tuple[SignedUp, SignedUp]:
    """A tenth until five days ago, a fiftieth since."""
    rule("a", 10, rate_bp=1_000)
    rule("b", 5, rate_bp=200)
    return pair()


def test_the_version_of_the_purchase_decides_even_if_it_is_told_later() -> None:
    _, bob = two_versions()
    buy("after", 10_000, days_ago=4)
    trigger(bob, "after")
    buy("before", 10_000, days_ago=6)
    buy("at the change", 10_000, days_ago=5)
    buy("before all", 10_000, days_ago=11)
    trigger(bob, "before", "at the change", "before all")
    assert of_versions() == {
        "after": "b",
        "before": "a",
        "at the change": "b",
        "before all": "2026-1",
    }
    assert kept() == {"after": 200, "before": 1_000, "at the change": 200, "before all": 500}
    check_books()


@pytest.mark.parametrize("released", [False, True])
def test_an_earlier_telling_moves_an_order_to_the_former_version(*, released: bool) -> None:
    ann, bob = two_versions()
    buy("1", 10_000, days_ago=4)
    trigger(bob, "1")
    if released:
        assert release_due(date(2027, 1, 1), NOW) == 1
    buy("1", 10_000, days_ago=6)
    trigger(bob, "1")
    assert (of_versions(), kept()) == ({"1": "a"}, {"1": 1_000})
    totals = Balance(earned_minor=1_200, reversed_minor=200)
    place = {"released_minor": 1_000} if released else {"pending_minor": 1_000}
    expected = replace(totals, **place)
    assert balance(ann) == expected
    paid_by = [accounts.account_of(f"programme:{version}") for version in ("a", "b")]
    assert paid_by == [-1_000, 0]
    trigger(bob, "1", "1")
    assert balance(ann) == expected
    check_books()


def test_a_version_published_later_for_the_future_changes_nothing_of_before() -> None:
    ann, bob = pair()
    buy("1", 10_000)
    trigger(bob, "1")
    before = balance(ann)
    rule("c", -1, rate_bp=10_000)
    trigger(bob, "1")
    assert (balance(ann), of_versions()) == (before, {"1": "2026-1"})


def test_an_order_earns_no_more_than_its_limit_and_a_refund_takes_its_share_of_that() -> None:
    _, bob = pair()
    rule(rate_bp=1_000, max_credit_minor=600)
    buy("1", 10_000)
    buy("2", 5_000)
    refunded("1", "r", 5_000)
    trigger(bob, "1", "2")
    assert kept() == {"1": 300, "2": 500}


def test_a_fixed_amount_is_for_every_order_and_never_more_than_was_paid() -> None:
    _, bob = pair()
    rule(fixed_minor=2_000)
    buy("1", 100_000)
    buy("2", 1_500)
    buy("3", 999)
    trigger(bob, "1", "2", "3")
    assert kept() == {"1": 2_000, "2": 1_500}


def test_excluded_goods_earn_nothing() -> None:
    _, bob = pair()
    rule(rate_bp=1_000, excluded_skus=("GIFT-*",))
    buy("mixed", 8_000, lines=LINES)
    buy("gifts", 8_000, lines=LINES[:1])
    buy("unknown", 8_000)
    trigger(bob, "mixed", "gifts", "unknown")
    assert kept() == {"mixed": 600, "unknown": 800}


def test_orders_count_to_the_last_day_of_a_referral() -> None:
    _, bob = pair()
    rule(referral_days=10)
    for days_ago in (20, 10, 9):
        buy(f"{days_ago}", 10_000, days_ago)
        trigger(bob, f"{days_ago}")
    assert kept() == {"20": 500, "10": 500}


Tellings = dict[str, Callable[[], object]]


def bought(name: str, days_ago: float) -> Tellings:
    return {name: lambda: buy(name, 10_000, days_ago)}


def given_back(name: str) -> Tellings:
    return {f"{name} back": lambda: refunded(name, "r", 10_000)}


def in_any_order(tellings: Tellings, **rules: bool) -> list[dict[str, int]]:
    """What is kept when everything was told and triggered, in every order of arrival."""
    ends = []
    for arrival in permutations(tellings):
        empty_table()
        rule("v", 300, **rules)
        _, bob = pair()
        for name in arrival:
            tellings[name]()
            trigger(bob, name.removesuffix(" back"))
        check_books()
        if kept() not in ends:
            ends.append(kept())
    return ends


FIRST, SECOND, THIRD = bought("1", 9), bought("2", 5), bought("3", 1)
BEFORE_JOINING = bought("0", 25)


def test_only_the_first_purchase_earns_in_whatever_order_they_arrive() -> None:
    assert in_any_order(FIRST | SECOND | THIRD, first_purchase_only=True) == [{"1": 500}]


@pytest.mark.slow
def test_when_the_first_purchase_is_given_back_the_second_one_is_the_first() -> None:
    tellings = FIRST | SECOND | THIRD | given_back("1")
    assert in_any_order(tellings, first_purchase_only=True) == [{"2": 500}]


def test_a_first_purchase_that_is_given_back_in_part_stays_the_first() -> None:
    part: Tellings = {"1 back": lambda: refunded("1", "r", 4_000)}
    assert in_any_order(FIRST | SECOND | part, first_purchase_only=True) == [{"1": 300}]


@pytest.mark.slow
def test_all_purchases_of_the_first_day_are_the_first() -> None:
    tellings = bought("1", 9) | bought("also", 9.1) | SECOND
    assert in_any_order(tellings, first_purchase_only=True) == [{"1": 500, "also": 500}]


@pytest.mark.slow
def test_who_bought_before_they_joined_is_no_new_customer() -> None:
    tellings = BEFORE_JOINING | SECOND | THIRD
    assert in_any_order(tellings, new_customers_only=True) == [{}]
    assert in_any_order(tellings, new_customers_only=False) == [{"2": 500, "3": 500}]


@pytest.mark.slow
def test_who_gave_back_all_that_they_bought_before_is_a_new_customer() -> None:
    tellings = BEFORE_JOINING | SECOND | THIRD | given_back("0")
    assert in_any_order(tellings, new_customers_only=True) == [{"2": 500, "3": 500}]


def test_a_first_purchase_that_comes_back_after_its_release_is_taken_and_the_next_earns() -> None:
    rule(first_purchase_only=True)
    ann, bob = pair()
    buy("1", 10_000, 9)
    buy("2", 20_000, 5)
    trigger(bob, "1", "2")
    release_due(date(2027, 1, 1), NOW)
    refunded("1", "r", 10_000)
    trigger(bob, "1")
    assert kept() == {"2": 1_000}
    assert balance(ann) == Balance(pending_minor=1_000, earned_minor=1_500, reversed_minor=500)
    check_books()
