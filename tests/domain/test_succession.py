"""What a credit takes over from the one whose place it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from siyu.domain.credits import Credit
from siyu.domain.ledger import RELEASED, Entry, change_for
from siyu.domain.referrals import Target
from siyu.domain.succession import inherit, leave, take_over

DAY = date(2026, 11, 1)
FORMER = Credit(
    *("shop#1", "ann", "bob", "2026-1", DAY, DAY),
    earned_minor=500,
    granted_minor=500,
    state=RELEASED,
    expires_on=DAY,
    expired_minor=200,
    ended_minor=500,
    version=4,
)
OPENED = Credit("shop#1", "ann", "bob", "2026-2", DAY, DAY, version=4)


def moved(worth: int) -> tuple[Credit, list[Entry]]:
    """The credit under other rules by which it is worth so much, and all entries that take it
    there."""
    opened = inherit(replace(OPENED, granted_minor=worth), FORMER)
    after, entries = take_over(opened, FORMER, Target(worth, 0))
    return after, [*leave(FORMER)[1], *entries]


# Of 500 there were 300 spent, and 200 have expired.
@pytest.mark.parametrize(
    ("worth", "expired", "spendable"),
    [(500, 200, 0), (600, 200, 100), (450, 150, 0), (300, 0, 0), (100, 0, -200)],
)
def test_what_expired_and_is_taken_back_is_lost_once(
    worth: int, expired: int, spendable: int
) -> None:
    after, entries = moved(worth)
    assert (after.kept_minor, after.expired_minor) == (worth, expired)
    assert change_for("ann", entries).released_minor == spendable
