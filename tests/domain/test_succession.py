"""What a credit takes over from the one whose place it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.credits import Credit, reconcile
from siyu.domain.ledger import RELEASED, Entry, change_for
from siyu.domain.referrals import Target
from siyu.domain.succession import leave, put_aside, rulings_about, turned
from siyu.domain.vetting import Ruling, Verdict

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
    opened = turned(replace(OPENED, granted_minor=worth), RELEASED, by_parts=False)
    after, entries = reconcile(opened, Target(worth, 0), [FORMER])
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


@st.composite
def lots(draw: st.DrawFn) -> Credit:
    """A released credit of which some was spent and some has expired."""
    kept = draw(st.integers(0, 1_000))
    ended = draw(st.integers(0, kept))
    expired = draw(st.integers(0, ended))
    key = f"till#{draw(st.uuids())}"
    return replace(
        FORMER, order_key=key, earned_minor=kept, ended_minor=ended, expired_minor=expired
    )


def left_of(*credits_: Credit) -> int:
    """What can be spent of credits, or was."""
    return sum(one.kept_minor - one.expired_minor for one in credits_)


@given(lots(), st.lists(lots(), max_size=4), st.integers(0, 4_000))
def test_what_can_be_spent_of_several_can_be_spent_of_the_one_that_they_go_over_into(
    own: Credit, others: list[Credit], worth: int
) -> None:
    after, entries = reconcile(own, Target(worth, 0), others)
    gone = [entry for one in others for entry in leave(one)[1]]
    before = left_of(own, *others)
    assert change_for("ann", [*gone, *entries]).released_minor == left_of(after) - before
    assert left_of(after) >= min(worth, before)
    assert left_of(after) - before <= max(0, worth - sum(one.kept_minor for one in (own, *others)))
    assert 0 <= after.expired_minor <= after.ended_minor <= after.kept_minor == worth


@given(lots(), lots(), lots(), st.data())
def test_it_is_the_same_whether_they_go_over_at_once_or_one_by_one(
    own: Credit, one: Credit, other: Credit, data: st.DataObject
) -> None:
    target = Target(data.draw(st.integers(0, own.kept_minor)), 0)
    at_once, _ = reconcile(own, target, [one, other])
    step, _ = reconcile(own, target, [other])
    by_one, _ = reconcile(step, target, [one])
    assert (left_of(by_one), by_one.ended_minor) == (left_of(at_once), at_once.ended_minor)


def said(verdict: Verdict) -> Ruling:
    return Ruling(verdict, (), "cat", datetime(2026, 11, 1, tzinfo=UTC))


def test_what_was_decided_is_kept_of_all_whom_an_order_was_about() -> None:
    names, verdicts = ("bob", "eve", "dan"), (Verdict.BLOCK, Verdict.APPROVE, Verdict.BLOCK)
    rulings = dict(zip(names, map(said, verdicts), strict=True))
    credit = replace(FORMER, ruling=rulings["bob"])
    for name in ("eve", "dan", "bob"):
        opened = put_aside(replace(OPENED, referee_id=name), credit)
        assert {one.pair[0] for one in opened.former} == names_before(credit) - {name}
        credit = replace(opened, ruling=rulings[name])
    for name in names:
        assert list(rulings_about(credit, (name, "ann"))) == [rulings[name]]


def names_before(credit: Credit) -> set[str]:
    return {credit.referee_id, *(one.pair[0] for one in credit.former)}


def test_what_a_night_released_of_it_is_known_when_it_is_over() -> None:
    """A sale that was released by its orders adds nothing to what was released of them."""
    gone, _ = leave(FORMER)
    assert (FORMER.released_minor, gone.released_minor, gone.granted_minor) == (500, 500, 0)
    assert replace(FORMER, by_parts=True).released_minor == 0
    assert replace(FORMER, reversed_minor=500).released_minor == 0
