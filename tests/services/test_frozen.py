"""While a person is suspended nothing of what they have earned is released, spent or ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.domain.ledger import Balance
from siyu.domain.programmes import Checks
from siyu.errors import CreditRefusedError
from siyu.services.expire_credit import expire_due
from siyu.services.merge_members import merge_members
from siyu.services.referrer_standing import set_standing
from siyu.services.release_credits import release_due
from siyu.services.sign_up import SignedUp
from siyu.services.spend_credit import capture_hold, hold_credit, void_hold
from tests.books import check_books
from tests.faults import line
from tests.services import purse
from tests.services.doubts import APPROVE, BLOCK, balance, credit, decide, doubted, friends, rules
from tests.services.purse import await_release, earn, hold, member, wish
from tests.services.shop import STORE, TODAY, paid, receipt, scan, settle
from tests.support import NOW, dump

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE, LATER = TODAY + timedelta(days=15), NOW + timedelta(days=15)


def suspend(member_id: str, *, to: bool = True) -> None:
    set_standing(member_id, NOW, suspended=to)


def bought() -> SignedUp:
    """Ann, whose friend bought twice before anybody knew."""
    ann, _ = friends("bob")
    for number in "12":
        paid(number, 10_000, buyer_id="bob", occurred_at=(NOW - HOUR).isoformat())
    settle()
    return ann


def test_what_was_earned_before_waits_and_goes_in_the_night_after_it_is_lifted() -> None:
    ann = bought()
    suspend(ann.member_id)
    before = dump()
    assert [release_due(DUE + number * DAY, LATER) for number in range(3)] == [0, 0, 0]
    assert dump() == before
    suspend(ann.member_id, to=False)
    assert balance(ann) == Balance(1_000, earned_minor=1_000)
    assert release_due(DUE + 3 * DAY, LATER) == 2
    assert balance(ann) == Balance(released_minor=1_000, earned_minor=1_000)
    check_books()


def test_frauds_that_were_confirmed_freeze_what_was_earned() -> None:
    rules(checks=Checks(frauds=1))
    ann = bought()
    decide(BLOCK, fraud=True, note="one hand")
    assert release_due(DUE, LATER) == 0
    assert balance(ann) == Balance(500, earned_minor=1_000, reversed_minor=500)


def test_others_are_released_and_each_is_asked_about_once() -> None:
    """Three referrers with credit in many shards of the index."""
    ann, bob, cat = (member(serial) for serial in (1, 2, 3))
    for number in range(12):
        for name in (ann, bob, cat):
            await_release(name, f"{name}-{number}", 100, TODAY)
    suspend(bob)
    with line() as calls:
        assert release_due(TODAY, NOW) == 24
    released = [purse.balance(one).released_minor for one in (ann, bob, cat)]
    assert released == [1_200, 0, 1_200]
    shards = 8
    assert calls.calls.count("Query") <= shards + 3


@pytest.mark.parametrize("suspended", [1, 2])
def test_the_suspension_of_any_account_is_the_persons(suspended: int) -> None:
    older, younger = member(1), member(2)
    for name in (older, younger):
        await_release(name, name, 100, TODAY)
    suspend((older, younger)[suspended - 1])
    merge_members(older, younger, "said", "dan", NOW + HOUR)
    assert release_due(TODAY, NOW) == 0


def test_an_approval_releases_nothing_before_it_is_lifted() -> None:
    ann = doubted()
    set_standing(ann.member_id, NOW + HOUR, suspended=True)
    decide(APPROVE, now=LATER)
    assert (credit().verdict, balance(ann)) == (APPROVE, Balance(500, earned_minor=500))
    suspend(ann.member_id, to=False)
    assert release_due(DUE, LATER) == 1


def test_a_till_is_refused_and_what_it_holds_is_taken_in_or_given_back() -> None:
    ann = member(1, 1_000)
    hold(ann, 300, "h1")
    hold(ann, 200, "h2")
    suspend(ann)
    before = dump()
    for amount in (100, 5_000):
        with pytest.raises(CreditRefusedError) as refused:
            hold(ann, amount, "h3")
        assert refused.value.reason == "referrer_suspended"
    assert dump() == before
    assert hold_credit(wish(ann, 300, "h1"), NOW).state == "held"
    assert capture_hold(STORE, "h1", 300, NOW).state == "captured"
    assert void_hold(STORE, "h2", NOW).state == "voided"
    suspend(ann, to=False)
    assert hold(ann, 700, "h3").state == "held"
    check_books()


def test_a_till_at_the_same_time_as_the_suspension_reads_again() -> None:
    ann = member(1, 1_000)
    meanwhile: list[int] = []

    def note(number: int, operation: str) -> None:
        if operation == "TransactWriteItems" and not meanwhile:
            meanwhile.append(number)
            suspend(ann)

    with line(note), pytest.raises(CreditRefusedError):
        hold(ann, 300)
    assert purse.balance(ann).held_minor == 0


def test_credit_does_not_end_and_ends_in_the_night_after_it_is_lifted() -> None:
    ann = member(1)
    earn(ann, "1", 1_000, ends=TODAY)
    suspend(ann)
    assert [expire_due(TODAY + number * DAY, NOW) for number in range(3)] == [0, 0, 0]
    suspend(ann, to=False)
    assert hold(ann, 400).state == "held"
    assert expire_due(TODAY + 3 * DAY, NOW) == 1
    assert purse.balance(ann).expired_minor == 600
    check_books()


def test_who_was_brought_by_the_suspended_goes_on_earning() -> None:
    ann, bob = friends("bob")
    paid("0cat", 900, buyer_id="cat", receipt_token=receipt(9))
    scan(receipt(9), "cat", bob.referral_code)
    paid("1", 10_000, buyer_id="cat")
    settle()
    suspend(ann.member_id)
    assert release_due(DUE, LATER) == 1
    assert balance(bob).released_minor == 500
