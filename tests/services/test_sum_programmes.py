"""What each version gave, what its budget has left, and what members hold of it all."""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.services.spend_credit import capture_hold, void_hold
from siyu.services.sum_programmes import Sum, Sums, sum_up
from siyu.storage import accounts, programmes
from tests.books import check_books
from tests.services.purse import balance, hold, member
from tests.services.rules import buy, pair, rule, trigger
from tests.services.shop import STORE, refunded
from tests.support import NOW


def sums(now: datetime = NOW) -> Sums:
    return sum_up(programmes.load(), now)


def test_before_anything_happens_all_is_nothing() -> None:
    found = sums()
    assert found.versions == {"2026-1": Sum(0, None, None)}
    assert (found.given_minor, found.taken_in_minor, found.outstanding_minor) == (0, 0, 0)


def test_a_budget_is_counted_and_what_went_back_makes_no_room() -> None:
    _, bob = pair()
    for version, budget, days in (("old", None, 200), ("small", 3_000, 100), ("wide", 10**6, 10)):
        rule(version, days, rate_bp=1_000, budget_minor=budget)
    for number, days in ((1, 15), (2, 12), (3, 5), (4, 3)):
        buy(str(number), 10_000, days)
    refunded("1", "r", 5_000)
    trigger(bob, "1", "2", "3", "4")
    assert sums().versions == {
        "2026-1": Sum(0, None, None),
        "old": Sum(0, None, None),
        "small": Sum(1_500, 2_000, 1_000),
        "wide": Sum(2_000, 2_000, 998_000),
    }
    assert sums().given_minor == 3_500
    check_books()


def test_a_version_that_has_not_begun_or_never_decides_gave_nothing() -> None:
    rule("spring", 5, budget_minor=100)
    rule("fix", 5, budget_minor=200)
    rule("later", -5, budget_minor=300)
    assert sums().versions == {
        "2026-1": Sum(0, None, None),
        "spring": Sum(0, 0, 100),
        "fix": Sum(0, 0, 200),
        "later": Sum(0, 0, 300),
    }


def test_what_members_hold_is_what_was_given_and_no_store_took_in() -> None:
    ann, cat = member(1, 1_000), member(2, 5_000)
    hold(ann, 700)
    capture_hold(STORE, "h1", 600, NOW)
    for number in range(5):
        hold(cat, 300, f"c{number}")
        capture_hold(STORE, f"c{number}", 300, NOW)
    hold(cat, 100, "stands")
    found = sums()
    assert (found.given_minor, found.taken_in_minor) == (6_000, 2_100)
    held = balance(ann, cat)
    assert found.outstanding_minor == held.pending_minor + held.released_minor + held.held_minor
    assert accounts.balances([f"store:{STORE}", "store:ZZZ"]) == {
        f"store:{STORE}": 2_100,
        "store:ZZZ": 0,
    }
    void_hold(STORE, "c0", NOW + timedelta(days=1))
    assert sums().taken_in_minor == 1_800
    check_books()
