"""Caps and budgets let through what they say, to the unit, whoever comes at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.domain.calendar import BUSINESS_ZONE
from siyu.services.credit_referral import following
from siyu.services.show_member import show_member
from tests.books import check_books
from tests.services.rules import (
    all_at_once,
    bind,
    buy,
    credits_by_order,
    kept,
    member,
    pair,
    rule,
    trigger,
    used,
)
from tests.services.shop import refunded
from tests.support import NOW, empty_table

MANY = 50


def days_ago(shanghai: str) -> float:
    """How long ago that was, in days."""
    at = datetime.fromisoformat(shanghai).replace(tzinfo=BUSINESS_ZONE)
    return (NOW - at).total_seconds() / 86_400


def earned() -> int:
    return sum(one.earned_minor for one in credits_by_order().values())


WINDOWS = ("2026-11-21", "2026-11", "2026")


@pytest.mark.parametrize(
    "cap",
    [
        "per_day_minor",
        pytest.param("per_month_minor", marks=pytest.mark.slow),
        pytest.param("per_year_minor", marks=pytest.mark.slow),
    ],
)
def test_a_cap_is_used_up_to_the_unit_by_many_at_once(cap: str) -> None:
    """5,003 of the 25,000 that the orders are worth."""
    ann, bob = pair()
    rule("v", 300, **{cap: 5_003})
    for number in range(MANY):
        buy(str(number), 10_000)
    all_at_once(following({bob.member_id}), MANY)
    assert (earned(), used()) == (5_003, dict.fromkeys(WINDOWS, 5_003))
    assert show_member(ann.member_id).balance.pending_minor == 5_003
    limited = [one for one in credits_by_order().values() if one.granted_minor < 500]
    assert len(limited) == MANY - 10
    assert {one.limited_by for one in limited} == {(cap.removesuffix("_minor"),)}
    check_books()


def test_below_its_caps_everybody_gets_everything() -> None:
    _, bob = pair()
    rule(per_day_minor=25_000, per_month_minor=25_000, per_year_minor=25_001, budget_minor=25_000)
    for number in range(MANY):
        buy(str(number), 10_000)
    all_at_once(following({bob.member_id}), MANY)
    assert earned() == 25_000
    assert not any(one.limited_by for one in credits_by_order().values())
    check_books()


@pytest.mark.parametrize(
    ("budget", "shards", "amount"),
    [(100_007, 1, 100_000), pytest.param(1_000_007, 16, 1_000_000, marks=pytest.mark.slow)],
)
def test_a_budget_is_used_up_to_the_unit_by_many_at_once(
    budget: int, shards: int, amount: int
) -> None:
    _, bob = pair()
    rule(rate_bp=500, budget_minor=budget)
    for number in range(MANY):
        buy(str(number), amount)
    all_at_once(following({bob.member_id}), MANY)
    assert (earned(), sum(used().values()), len(used())) == (budget, budget, shards)
    check_books()


def test_a_budget_is_that_of_one_version_and_of_all_referrers() -> None:
    ann, bob = pair()
    cat, dan = member("cat", 3), member("dan", 4)
    bind(cat, dan)
    rule("a", 10, budget_minor=800)
    rule("b", 5, budget_minor=300)
    for who, friend in (("bob", bob), ("dan", dan)):
        buy(f"{who} a", 10_000, 7, who)
        buy(f"{who} b", 10_000, 2, who)
        trigger(friend, f"{who} a", f"{who} b")
    assert kept() == {"bob a": 500, "bob b": 300, "dan a": 300}
    assert credits_by_order()["dan b"].limited_by == ("budget",)
    assert show_member(ann.member_id).balance.pending_minor == 800
    check_books()


def test_caps_are_those_of_the_referrer_over_all_versions_and_friends() -> None:
    """Each version brings its own limit, and all of them count what was given before."""
    ann, bob = pair()
    eve = member("eve", 3)
    bind(ann, eve)
    rule("a", 10, per_month_minor=600)
    rule("b", 5, per_month_minor=700)
    buy("1", 10_000, 7)
    buy("2", 10_000, 7, "eve")
    buy("3", 10_000, 2)
    trigger(bob, "1")
    trigger(eve, "2")
    trigger(bob, "3")
    assert kept() == {"1": 500, "2": 100, "3": 100}


@pytest.mark.parametrize(("former", "first"), [({"per_day_minor": 400}, 400), ({}, 500)])
def test_a_window_is_as_full_as_any_limit_before_has_counted(
    former: dict[str, int], first: int
) -> None:
    """Rules that limit one window count in all of them, rules without a limit in none."""
    _, bob = pair()
    rule("a", 10, **former)
    rule("b", 5, per_month_minor=500)
    buy("1", 10_000, 7)
    buy("2", 10_000, 2)
    trigger(bob, "1", "2")
    assert kept() == {"1": first, "2": 100 if former else 500}
    check_books()


@pytest.mark.parametrize("cap", ["per_month_minor", "budget_minor"])
@pytest.mark.parametrize("told", [("first", "second"), ("second", "first")])
def test_a_first_purchase_is_credited_whenever_it_is_told(told: tuple[str, str], cap: str) -> None:
    """What the second one was granted is its own no more, and makes the room."""
    _, bob = pair()
    limit: dict[str, Any] = {cap: 500}
    rule(first_purchase_only=True, **limit)
    for name in told:
        buy(name, 10_000, {"first": 8, "second": 2}[name])
        trigger(bob, name)
    assert kept() == {"first": 500}
    assert set(used().values()) - {0} == {500}
    check_books()


@pytest.mark.parametrize("cap", ["per_month_minor", "budget_minor"])
def test_what_turns_out_to_be_excluded_makes_room(cap: str) -> None:
    _, bob = pair()
    limit: dict[str, Any] = {cap: 500}
    rule(excluded_skus=("GIFT*",), **limit)
    buy("1", 10_000)
    trigger(bob, "1")
    buy("1", 10_000, lines=[{"sku": "GIFT1", "quantity": 1, "amount_minor": 10_000}])
    trigger(bob, "1")
    buy("2", 10_000)
    trigger(bob, "2")
    assert kept() == {"2": 500}
    check_books()


def test_windows_begin_at_midnight_in_shanghai() -> None:
    _, bob = pair(at=datetime(2026, 10, 1, tzinfo=BUSINESS_ZONE))
    rule(per_day_minor=400, per_month_minor=700)
    for name, at in (
        ("october", "2026-10-31T23:59:59"),
        ("november", "2026-11-01T00:00:00"),
        ("same day", "2026-11-01T23:59:59"),
        ("next day", "2026-11-02T00:00:00"),
    ):
        buy(name, 10_000, days_ago(at))
        trigger(bob, name)
    assert kept() == {"october": 400, "november": 400, "next day": 300}
    limited = {name: one.limited_by for name, one in credits_by_order().items()}
    assert limited["same day"] == ("per_day", "per_month")
    assert limited["next day"] == ("per_day", "per_month")


def test_what_goes_back_makes_no_room_for_another_order() -> None:
    _, bob = pair()
    rule(per_month_minor=700)
    buy("1", 10_000)
    trigger(bob, "1")
    refunded("1", "r", 10_000)
    trigger(bob, "1")
    buy("2", 10_000)
    trigger(bob, "2", "1", "2")
    assert (kept(), used()) == ({"2": 200}, dict.fromkeys(WINDOWS, 700))


def test_a_limited_credit_gives_back_the_share_of_what_it_was() -> None:
    _, bob = pair()
    rule(per_day_minor=300)
    buy("1", 10_000)
    refunded("1", "r", 5_000)
    trigger(bob, "1")
    assert kept() == {"1": 150}


def test_an_order_that_just_fits_is_not_limited() -> None:
    _, bob = pair()
    rule(per_day_minor=500, budget_minor=500)
    buy("1", 10_000)
    trigger(bob, "1")
    (credit,) = credits_by_order().values()
    assert (credit.earned_minor, credit.limited_by) == (500, ())


def test_a_cap_of_nothing_gives_nothing_and_says_so() -> None:
    _, bob = pair()
    rule(per_year_minor=0)
    buy("1", 10_000)
    trigger(bob, "1")
    (credit,) = credits_by_order().values()
    assert (credit.earned_minor, credit.limited_by) == (0, ("per_year",))
    assert used() == {}


limits: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        name: st.integers(0, 3_000)
        for name in ("per_day_minor", "per_month_minor", "budget_minor", "max_credit_minor")
    },
)


@pytest.mark.slow
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(limits, st.lists(st.integers(1_000, 20_000), min_size=1, max_size=6))
def test_the_sum_is_the_tightest_limit_or_all_of_it(
    fields: dict[str, int], paid: list[int]
) -> None:
    empty_table()
    _, bob = pair()
    rule("v", 300, rate_bp=1_000, **fields)
    for number, amount in enumerate(paid):
        buy(str(number), amount)
    all_at_once(following({bob.member_id}), len(paid))
    most = fields.pop("max_credit_minor", None)
    worth = sum(min(one // 10, one // 10 if most is None else most) for one in paid)
    assert earned() == min([worth, *fields.values()])
    check_books()
