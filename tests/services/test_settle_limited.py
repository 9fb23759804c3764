"""Room under a cap that a decision makes goes to what was held back, the oldest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.services import settle_limited
from siyu.services.merge_members import merge_members
from siyu.services.release_credits import release_due
from siyu.services.review_credits import decide_credit, refuse_undecided
from siyu.services.show_member import show_member
from tests.books import check_books
from tests.services.doubts import BLOCK
from tests.services.rules import (
    OPEN,
    bind,
    buy,
    credits_by_order,
    kept,
    member,
    pair,
    rule,
    trigger,
)
from tests.services.shop import TODAY
from tests.support import NOW


def block(order_id: str, note: str = "one hand") -> None:
    decide_credit(f"shop#{order_id}", BLOCK, "cat", NOW, note)


@pytest.mark.parametrize("cap", ["per_day_minor", "per_month_minor", "per_year_minor"])
def test_what_is_refused_gives_its_room_to_the_oldest_that_was_held_back(cap: str) -> None:
    _, bob = pair()
    rule("v", 300, **{cap: 500})
    for order_id in ("1", "2", "3"):
        buy(order_id, 10_000)
        trigger(bob, order_id)
    assert kept() == {"1": 500}
    block("1")
    assert kept() == {"2": 500}
    assert credits_by_order()["3"].limited_by
    check_books()


def test_the_budget_is_given_again() -> None:
    _, bob = pair()
    rule("v", 300, budget_minor=700)
    for order_id in ("1", "2"):
        buy(order_id, 10_000)
        trigger(bob, order_id)
    assert kept() == {"1": 500, "2": 200}
    block("1")
    assert kept() == {"2": 500}
    check_books()


def test_all_accounts_of_the_person_share_what_is_free() -> None:
    ann, bob = pair()
    rule("v", 300, per_month_minor=500)
    eve, cat = member("eve", 3), member("cat", 4)
    bind(eve, cat)
    merge_members(ann.member_id, eve.member_id, "said", "dan", NOW)
    buy("1", 10_000)
    trigger(bob, "1")
    buy("2", 10_000, who="cat")
    trigger(cat, "2")
    assert kept() == {"1": 500}
    block("1")
    assert kept() == {"2": 500}
    check_books()


def test_what_nobody_decided_in_time_gives_its_room_too() -> None:
    """A small order that gives too much away, and a large one that is honest."""
    _, bob = pair()
    rule("v", 300, per_month_minor=500, max_credit_minor=500, checks=replace(OPEN, share_bp=400))
    for order_id, amount in (("1", 10_000), ("2", 100_000)):
        buy(order_id, amount)
        trigger(bob, order_id)
    assert kept() == {"1": 500}
    assert refuse_undecided(TODAY + timedelta(days=31), NOW) == 1
    assert kept() == {"2": 500}
    check_books()


def test_another_window_stays_as_it_is() -> None:
    _, bob = pair()
    rule("v", 300, per_day_minor=500)
    for order_id, days_ago in (("1", 3), ("2", 3), ("3", 1), ("4", 1)):
        buy(order_id, 10_000, days_ago)
        trigger(bob, order_id)
    assert kept() == {"1": 500, "3": 500}
    block("3")
    assert kept() == {"1": 500, "4": 500}


def test_what_was_released_keeps_its_room() -> None:
    _, bob = pair()
    rule("v", 300, per_day_minor=500)
    for order_id in ("1", "2"):
        buy(order_id, 10_000)
        trigger(bob, order_id)
    later = NOW + timedelta(days=20)
    release_due(TODAY + timedelta(days=20), later)
    decide_credit("shop#1", BLOCK, "cat", later, "one hand")
    assert kept() == {}


def test_so_many_at_most_and_the_same_decision_again_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settle_limited, "SETTLED_AT_ONCE", 1)
    _, bob = pair()
    rule("v", 300, per_day_minor=500)
    for order_id, amount in (("1", 10_000), ("2", 4_000), ("3", 4_000)):
        buy(order_id, amount)
        trigger(bob, order_id)
    assert kept() == {"1": 500}
    block("1")
    assert kept() == {"2": 200}
    block("1")
    assert kept() == {"2": 200, "3": 200}
    check_books()


def test_what_had_nothing_so_far_waits_for_a_night_once_it_gets_something() -> None:
    ann, bob = pair()
    rule(per_year_minor=500)
    for order_id, days_ago in (("1", 1), ("2", 18)):
        buy(order_id, 10_000, days_ago)
        trigger(bob, order_id)
    assert release_due(TODAY, NOW) == 0
    block("1")
    balance = show_member(ann.member_id).balance
    assert (balance.pending_minor, balance.released_minor) == (500, 0)
    assert release_due(TODAY, NOW) == 1
    check_books()
