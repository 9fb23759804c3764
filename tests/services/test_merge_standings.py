"""What was noted about one account holds for a person, also when two turn out to be one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.domain.programmes import Checks
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.referrer_standing import set_standing
from siyu.services.sign_up import SignedUp
from tests.books import check_books
from tests.faults import line
from tests.services.doubts import BLOCK, decide, frauds, noted, rules
from tests.services.shop import door, paid, receipt, scan, settle
from tests.support import NOW

HOUR = timedelta(hours=1)
LATER = NOW + 5 * HOUR


@pytest.fixture
def two() -> tuple[SignedUp, SignedUp]:
    """Ann, whose friend Bob bought three times, and Eve, whose friend Cat did; all is doubted."""
    rules(checks=Checks(share_bp=100, frauds=3))
    brought = []
    for serial, (name, friend) in enumerate((("ann", "bob"), ("eve", "cat")), 1):
        referrer = scan(receipt(serial), name, now=NOW + serial * timedelta(seconds=1))
        paid(f"0{friend}", 900, buyer_id=friend, receipt_token=receipt(10 + serial))
        scan(receipt(10 + serial), friend, referrer.referral_code)
        for number in range(3):
            paid(f"{friend}{number}", 10_000, buyer_id=friend)
        brought.append(referrer)
    settle()
    ann, eve = brought
    return ann, eve


def found(*orders: str) -> None:
    for name in orders:
        decide(BLOCK, f"shop#{name}", fraud=True)


def merge(one: SignedUp, other: SignedUp) -> None:
    assert merge_members(one.member_id, other.member_id, "said", "dan", LATER) is not None


def own(*members: SignedUp) -> list[object]:
    """Since when each account itself is suspended."""
    return [
        account.standing.suspended_at
        for one in members
        for account in known(one.member_id).accounts
        if account.member.member_id == one.member_id
    ]


def test_frauds_of_both_add_up_and_suspend(two: tuple[SignedUp, SignedUp]) -> None:
    ann, eve = two
    found("bob0", "bob1", "cat0")
    merge(ann, eve)
    assert len(frauds(ann)) == 3
    assert own(ann, eve) == [LATER, LATER]
    check_books()


def test_too_few_together_suspend_nobody(two: tuple[SignedUp, SignedUp]) -> None:
    ann, eve = two
    found("bob0", "cat0")
    merge(ann, eve)
    assert own(ann, eve) == [None, None]


def test_who_was_forgiven_is_not_suspended_by_a_merge(two: tuple[SignedUp, SignedUp]) -> None:
    ann, eve = two
    found("bob0", "bob1", "bob2", "cat0")
    set_standing(ann.member_id, NOW, suspended=False)
    merge(ann, eve)
    assert own(ann, eve) == [None, None]


def test_the_code_of_the_other_account_brings_nobody(two: tuple[SignedUp, SignedUp]) -> None:
    ann, eve = two
    set_standing(eve.member_id, NOW, suspended=True)
    merge(ann, eve)
    assert own(ann, eve) == [LATER, NOW]
    friend = scan(door(), "dan", ann.referral_code, now=LATER + HOUR)
    assert friend.referral == "referrer_suspended"


def test_staff_are_so_by_every_account(two: tuple[SignedUp, SignedUp]) -> None:
    ann, eve = two
    set_standing(ann.member_id, NOW, staff=True)
    merge(ann, eve)
    assert scan(door(), "dan", eve.referral_code, now=LATER + HOUR).referral == "staff"
    assert noted(eve).staff_since == NOW


def test_what_a_merge_noted_goes_when_it_is_undone(two: tuple[SignedUp, SignedUp]) -> None:
    ann, eve = two
    set_standing(ann.member_id, NOW, suspended=True, staff=True)
    merge(ann, eve)
    assert own(ann, eve) == [NOW, LATER]
    undo_merge(eve.member_id, "dan", "a mistake", LATER + HOUR)
    assert own(ann, eve) == [NOW, None]
    assert [noted(one).staff_since for one in (ann, eve)] == [NOW, None]


def test_what_somebody_said_about_both_stays(two: tuple[SignedUp, SignedUp]) -> None:
    ann, eve = two
    set_standing(ann.member_id, NOW, suspended=True)
    merge(ann, eve)
    set_standing(eve.member_id, LATER, suspended=True)
    undo_merge(eve.member_id, "dan", "a mistake", LATER + HOUR)
    assert own(ann, eve) == [NOW, NOW]


def test_who_is_suspended_by_the_frauds_of_both_is_not_by_those_of_one(
    two: tuple[SignedUp, SignedUp],
) -> None:
    ann, eve = two
    found("bob0", "bob1", "cat0")
    merge(ann, eve)
    assert own(ann, eve) == [LATER, LATER]
    undo_merge(eve.member_id, "dan", "a mistake", LATER + HOUR)
    assert own(ann, eve) == [None, None]


def test_a_fraud_that_is_noted_in_the_middle_of_a_merge_is_not_missed(
    two: tuple[SignedUp, SignedUp],
) -> None:
    ann, eve = two
    found("bob0", "cat0")
    meanwhile: list[int] = []

    def another(number: int, operation: str) -> None:
        if operation == "TransactWriteItems" and not meanwhile:
            meanwhile.append(number)
            found("bob1")

    with line(another):
        merge(ann, eve)
    assert own(ann, eve) == [LATER, LATER]


def test_nothing_noted_costs_nothing(two: tuple[SignedUp, SignedUp]) -> None:
    ann, eve = two
    with line() as calls:
        merge(ann, eve)
    assert calls.calls == ["BatchGetItem", "Query", "Query", "TransactWriteItems"]
