"""A budget's counters give together what one order asks for, to the unit and at one look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from siyu.domain.vetting import Verdict
from siyu.services.release_credits import release_due
from siyu.services.show_member import show_member
from siyu.services.sign_up import SignedUp
from tests.books import check_books
from tests.services.doubts import APPROVE, BLOCK, DOUBT_ALL, decide
from tests.services.rules import OPEN, ago, buy, credits_by_order, kept, pair, rule, trigger, used
from tests.services.shop import TODAY
from tests.support import NOW

BUDGET = 1_000_000
ONE_COUNTER = BUDGET // 16


def friend(**fields: Any) -> tuple[SignedUp, SignedUp]:
    """Ann and Bob, for whose purchases Ann is given all they paid while the budget lasts."""
    people = pair(ago(60))
    rule(rate_bp=10_000, budget_minor=BUDGET, min_order_minor=0, **fields)
    return people


def test_a_large_order_draws_on_several_counters_at_one_look() -> None:
    _, bob = friend()
    buy("o1", 200_000)
    trigger(bob, "o1")
    assert kept() == {"o1": 200_000}
    assert credits_by_order()["o1"].limited_by == ()
    assert sorted(used().values()) == [200_000 - 3 * ONE_COUNTER, *[ONE_COUNTER] * 3]
    check_books()


def test_another_look_changes_nothing() -> None:
    _, bob = friend()
    buy("o1", 200_000)
    buy("o2", 900_000)
    trigger(bob, "o1", "o2")
    stands = credits_by_order(), used()
    assert kept() == {"o1": 200_000, "o2": 800_000}
    trigger(bob, "o1", "o2", "o1")
    assert (credits_by_order(), used()) == stands


def test_the_last_crumbs_can_be_used_from_whatever_counter() -> None:
    _, bob = friend()
    buy("o1", BUDGET - 1)
    trigger(bob, "o1")
    for number in range(2, 6):
        buy(f"o{number}", 1)
        trigger(bob, f"o{number}")
    assert kept() == {"o1": BUDGET - 1, "o2": 1}
    assert credits_by_order()["o3"].limited_by == ("budget",)
    assert sum(used().values()) == BUDGET
    check_books()


def test_what_is_refused_before_its_release_is_there_for_others() -> None:
    _, bob = friend(checks=DOUBT_ALL)
    buy("o1", BUDGET)
    trigger(bob, "o1")
    assert sum(used().values()) == BUDGET
    decide(BLOCK, "shop#o1")
    assert set(used().values()) == {0}
    buy("o2", 300_000)
    trigger(bob, "o2")
    decide(APPROVE, "shop#o2")
    decide(APPROVE, "shop#o1")
    assert kept() == {"o1": 700_000, "o2": 300_000}
    assert sum(used().values()) == BUDGET
    check_books()


def test_what_is_refused_after_its_release_stays_counted() -> None:
    ann, bob = friend(checks=replace(DOUBT_ALL, review_days=30))
    buy("o1", BUDGET, days_ago=30)
    trigger(bob, "o1")
    decide(APPROVE, "shop#o1")
    assert show_member(ann.member_id).balance.released_minor == BUDGET
    decide(BLOCK, "shop#o1")
    assert kept() == {}
    assert sum(used().values()) == BUDGET
    buy("o2", 300_000)
    trigger(bob, "o2")
    assert credits_by_order()["o2"].granted_minor == 0
    decide(APPROVE, "shop#o1")
    assert kept() == {"o1": BUDGET}
    check_books()


@pytest.mark.parametrize("turns", [1, 3])
def test_a_decision_taken_back_and_forth_counts_once(turns: int) -> None:
    ann, bob = friend(checks=replace(OPEN, share_bp=100))
    buy("o1", 200_000, days_ago=30)
    trigger(bob, "o1")
    for _ in range(turns):
        for verdict in (BLOCK, APPROVE):
            decide(verdict, "shop#o1", fraud=verdict is Verdict.BLOCK)
            check_books()
    release_due(TODAY, NOW)
    assert sum(used().values()) == 200_000
    assert show_member(ann.member_id).balance.released_minor == 200_000
