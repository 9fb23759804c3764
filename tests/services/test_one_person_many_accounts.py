"""A referrer with several accounts has one set of caps and one number of friends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from siyu.domain.doubts import Reason
from siyu.domain.programmes import Checks
from siyu.services.credit_again import credit_again
from siyu.services.credit_referral import following
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.sign_up import SignedUp
from siyu.storage.merges import Merge
from tests.books import check_books
from tests.services.rules import (
    JOINED,
    OPEN,
    all_at_once,
    bind,
    buy,
    credits_by_order,
    kept,
    member,
    rule,
    trigger,
)
from tests.support import NOW

SAME_DEVICE = {"device": "mark-of-a-device"}
SAME_ADDRESS = {"address": "mark-of-an-address"}


def merged(one: SignedUp, other: SignedUp) -> Merge:
    """As the stream goes on after a merge."""
    merge = merge_members(one.member_id, other.member_id, "unionid", "proof", NOW)
    assert merge is not None
    credit_again([one.member_id, other.member_id], NOW)
    return merge


def parted(merge: Merge) -> None:
    undo_merge(merge.absorbed_id, "ops", "not the same", NOW)
    credit_again([merge.survivor_id, merge.absorbed_id], NOW)


def two_accounts() -> tuple[SignedUp, SignedUp, SignedUp, SignedUp]:
    """Two accounts of Ann's, and a friend whom each of them brought."""
    ann, again = member("ann", 1), member("ann-2", 2)
    bob, cat = member("bob", 3), member("cat", 4)
    bind(ann, bob)
    bind(again, cat)
    return ann, again, bob, cat


def reasons() -> dict[str, tuple[str, ...]]:
    return {name: one.decision.reasons for name, one in credits_by_order().items()}


@pytest.mark.parametrize("cap", ["per_day_minor", "per_month_minor", "per_year_minor"])
def test_what_one_account_was_given_leaves_the_other_the_rest(cap: str) -> None:
    ann, again, bob, cat = two_accounts()
    limits: dict[str, Any] = {cap: 700}
    rule(**limits)
    merged(ann, again)
    buy("1", 10_000)
    buy("2", 10_000, who="cat")
    trigger(bob, "1")
    trigger(cat, "2")
    assert kept() == {"1": 500, "2": 200}
    assert credits_by_order()["2"].limited_by == (cap.removesuffix("_minor"),)
    check_books()


def test_what_was_given_to_both_before_it_turned_out_stays() -> None:
    ann, again, bob, cat = two_accounts()
    rule(per_day_minor=700)
    buy("1", 10_000)
    buy("2", 10_000, who="cat")
    buy("3", 10_000, who="cat")
    trigger(bob, "1")
    trigger(cat, "2")
    merged(ann, again)
    trigger(cat, "3")
    assert kept() == {"1": 500, "2": 500}
    assert credits_by_order()["3"].limited_by == ("per_day",)


def test_undone_each_has_the_whole_again() -> None:
    ann, again, bob, cat = two_accounts()
    rule(per_day_minor=700)
    merge = merged(ann, again)
    buy("1", 10_000)
    trigger(bob, "1")
    parted(merge)
    buy("2", 10_000, who="cat")
    trigger(cat, "2")
    assert kept() == {"1": 500, "2": 500}


def test_two_accounts_at_once_are_given_one_cap_to_the_unit() -> None:
    """5,003 of the 20,000 that the orders of both friends are worth."""
    ann, again, bob, cat = two_accounts()
    rule(per_month_minor=5_003)
    merged(ann, again)
    for number in range(40):
        buy(str(number), 10_000, who=("bob", "cat")[number % 2])
    all_at_once(following({bob.member_id, cat.member_id}), 40)
    assert sum(kept().values()) == 5_003
    assert sum(one.granted_minor for one in credits_by_order().values()) == 5_003
    check_books()


@pytest.mark.parametrize(
    ("checks", "mark", "reason"),
    [
        (Checks(friends_a_day=1), {}, Reason.FRIENDS_A_DAY),
        (Checks(friends_a_month=1), {}, Reason.FRIENDS_A_MONTH),
        (Checks(friends_a_minute=1), {}, Reason.FRIENDS_A_MINUTE),
        (Checks(friends_per_address=1), SAME_ADDRESS, Reason.ADDRESS),
    ],
)
def test_the_friends_of_all_accounts_are_counted_together_and_apart_when_they_are_parted(
    checks: Checks, mark: dict[str, Any], reason: Reason
) -> None:
    ann, again, bob, cat = (
        member(name, number) for number, name in enumerate(("ann", "ann-2", "bob", "cat"), 1)
    )
    bind(ann, bob, **mark)
    bind(again, cat, JOINED + timedelta(seconds=9), **mark)
    rule(checks=checks)
    buy("1", 10_000)
    buy("2", 10_000, who="cat")
    trigger(bob, "1")
    trigger(cat, "2")
    assert reasons() == {"1": (), "2": ()}
    merge = merged(ann, again)
    assert reasons() == {"1": (), "2": (reason.value,)}
    parted(merge)
    assert reasons() == {"1": (), "2": ()}


def test_a_device_is_counted_whoever_its_friends_were_brought_by() -> None:
    """A new referrer does not let it begin anew."""
    rule(checks=Checks(friends_per_device=2))
    for number, name in enumerate(("bob", "cat", "dan")):
        referrer, friend = member(f"ann-{name}", 10 + number), member(name, 20 + number)
        bind(referrer, friend, JOINED + timedelta(days=number), **SAME_DEVICE)
        buy(name, 10_000, who=name)
        trigger(friend, name)
    assert reasons() == {"bob": (), "cat": (), "dan": (Reason.DEVICE.value,)}


def test_a_device_is_forgotten_after_a_week() -> None:
    rule(checks=Checks(friends_per_device=1))
    ann, bob, cat = member("ann", 1), member("bob", 2), member("cat", 3)
    bind(ann, bob, JOINED, **SAME_DEVICE)
    bind(ann, cat, JOINED + timedelta(days=7), **SAME_DEVICE)
    buy("1", 10_000, who="cat")
    trigger(cat, "1")
    assert reasons() == {"1": ()}


def from_one_network(*days: float) -> list[str]:
    """Friends of as many referrers, from one address: the names of their orders."""
    names = [f"f{number}" for number in range(len(days))]
    for number, (name, day) in enumerate(zip(names, days, strict=True)):
        referrer, friend = member(f"ann-{name}", 100 + number), member(name, 200 + number)
        bind(referrer, friend, JOINED + timedelta(days=day), **SAME_ADDRESS)
        buy(name, 10_000, who=name)
        trigger(friend, name)
    return names


@pytest.mark.parametrize(("most", "doubted"), [(2, {"f2", "f3"}), (3, {"f3"}), (None, set())])
def test_a_network_is_counted_whoever_its_friends_were_brought_by(
    most: int | None, doubted: set[str]
) -> None:
    """A farm that only changes the referrer is seen."""
    rule(checks=replace(OPEN, friends_per_network=most))
    names = from_one_network(0, 1, 2, 3)
    assert reasons() == {name: (Reason.NETWORK.value,) if name in doubted else () for name in names}


@pytest.mark.slow
def test_fifty_people_behind_one_address_of_a_carrier_are_let_through_and_no_more() -> None:
    rule(checks=Checks())
    *fifty, one_more = from_one_network(*(number / 10 for number in range(51)))
    assert reasons() == {**dict.fromkeys(fifty, ()), one_more: (Reason.NETWORK.value,)}


def test_a_network_is_forgotten_after_a_week() -> None:
    rule(checks=replace(OPEN, friends_per_network=1))
    assert from_one_network(0, 7) == ["f0", "f1"]
    assert reasons() == {"f0": (), "f1": ()}
