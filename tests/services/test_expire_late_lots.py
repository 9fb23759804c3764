"""A lot that comes late and ends before one that has expired is a lot like any other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.domain.ledger import Balance
from siyu.services.expire_credit import expire_due
from siyu.services.spend_credit import capture_hold
from tests.books import check_books
from tests.services.purse import balance, earn, hold, member, the_credit
from tests.services.shop import STORE, TODAY
from tests.support import NOW


def night(days: int) -> int:
    return expire_due(TODAY + timedelta(days=days), NOW + timedelta(days=days))


@pytest.mark.parametrize("ends", [8, 10])
def test_a_late_lot_that_ends_before_an_expired_one_expires_the_same_night(ends: int) -> None:
    ann = member(1)
    earn(ann, "a", 100, TODAY + timedelta(days=10))
    assert night(10) == 1
    earn(ann, "late", 70, TODAY + timedelta(days=ends))
    earn(ann, "lasting", 30, TODAY + timedelta(days=70))
    assert night(11) == 1
    assert the_credit("late").expired_minor == 70
    assert balance(ann) == Balance(released_minor=30, earned_minor=200, expired_minor=170)
    assert night(69) == 0
    assert night(70) == 1
    assert balance(ann).released_minor == 0
    check_books()


def test_what_was_spent_is_first_of_the_late_lot() -> None:
    """It ends before the one that has expired, of which so much more expires now."""
    ann = member(1)
    earn(ann, "a", 100, TODAY + timedelta(days=10))
    hold(ann, 40, "h1")
    capture_hold(STORE, "h1", 40, NOW)
    assert night(10) == 1
    assert the_credit("a").expired_minor == 60
    earn(ann, "late", 70, TODAY + timedelta(days=8))
    hold(ann, 50, "h2")
    capture_hold(STORE, "h2", 50, NOW)
    assert night(11) == 2
    assert (the_credit("late").expired_minor, the_credit("a").expired_minor) == (0, 80)
    assert balance(ann) == Balance(earned_minor=170, spent_minor=90, expired_minor=80)
    assert night(12) == 0
    check_books()


def test_what_a_till_holds_of_a_late_lot_waits() -> None:
    ann = member(1)
    earn(ann, "a", 100, TODAY + timedelta(days=10))
    assert night(10) == 1
    earn(ann, "late", 70, TODAY + timedelta(days=8))
    hold(ann, 30, "h1")
    night(11)
    assert balance(ann) == Balance(held_minor=30, earned_minor=170, expired_minor=140)
    capture_hold(STORE, "h1", 20, NOW)
    assert balance(ann).released_minor == 10
    night(12)
    assert balance(ann) == Balance(earned_minor=170, spent_minor=20, expired_minor=150)
    check_books()
