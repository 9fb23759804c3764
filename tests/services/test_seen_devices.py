"""A friend who comes from any device of the referrer's brought themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.doubts import Reason
from siyu.domain.members import MOST_DEVICES
from siyu.services.credit_again import credit_noticed
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.merge_members import merge_members
from siyu.services.sign_up import SignedUp
from siyu.storage import people
from tests.books import check_books
from tests.faults import line
from tests.functions.calls import call
from tests.functions.make_events import changed
from tests.services.rules import ago, credits_by_order, kept, rule
from tests.services.shop import door, paid, receipt, scan, settle
from tests.support import NOW, dump

FIRST, OTHER = "first-phone", "other-phone"
REFUSED = (Reason.SAME_DEVICE.value,)


def ann(name: str = "ann") -> SignedUp:
    return scan(door(), name, now=ago(3), device=FIRST)


def marks(member: SignedUp) -> int:
    person = people.load(member.member_id)
    assert person is not None
    return len(person.accounts[0].member.seen_on)


def bought(name: str) -> tuple[str, ...]:
    paid(name, 10_000, buyer={"openid": name})
    settle()
    return credits_by_order()[name].decision.reasons


def test_a_friend_from_a_phone_that_the_referrer_used_later_is_refused_at_the_door() -> None:
    rule()
    referrer = ann()
    scan(receipt(50), "ann", device=OTHER)
    friend = scan(door(), "bob", referrer.referral_code, device=OTHER)
    assert (friend.joined, friend.referral) == (True, Reason.SAME_DEVICE.value)
    assert (bought("bob"), kept()) == (REFUSED, {})


def test_one_whom_another_account_of_theirs_brought_is_refused_when_they_buy() -> None:
    rule()
    referrer, again = ann(), ann("ann-2")
    scan(receipt(50), "ann-2", device=OTHER)
    merge_members(referrer.member_id, again.member_id, "unionid", "proof", NOW)
    friend = scan(door(), "bob", referrer.referral_code, device=OTHER)
    assert friend.referral == "bound"
    assert (bought("bob"), kept()) == (REFUSED, {})


def test_a_phone_that_the_referrer_turns_out_to_use_takes_back_what_it_earned() -> None:
    rule()
    referrer = ann()
    scan(door(), "bob", referrer.referral_code, device=OTHER)
    assert (bought("bob"), kept()) == ((), {"bob": 500})
    scan(receipt(50), "ann", device=OTHER)
    image = dump()[(f"M#{referrer.member_id}", "PROFILE")]
    call("referral_credit", changed(("MODIFY", image)))
    assert (credits_by_order()["bob"].decision.reasons, kept()) == (REFUSED, {})
    check_books()


@pytest.mark.parametrize("erased", ["ann", "bob", "both"])
def test_an_erasure_removes_the_devices_and_changes_no_decision(erased: str) -> None:
    rule()
    referrer = ann()
    friend = scan(door(), "bob", referrer.referral_code, ago(2), device=OTHER)
    scan(receipt(50), "ann", device=OTHER)
    paid("bob", 10_000, buyer={"openid": "bob"}, occurred_at=ago(1).isoformat())
    gone = {"ann": [referrer], "bob": [friend], "both": [referrer, friend]}[erased]
    for one in gone:
        erase_member(one.member_id, NOW)
        finish_erasure(one.member_id, NOW)
        assert marks(one) == 0
        assert (f"M#{one.member_id}", "PROFILE") in dump()
    settle()
    credit_noticed(referrer.member_id, NOW)
    assert (credits_by_order()["bob"].decision.reasons, kept()) == (REFUSED, {})


def test_a_device_that_is_known_costs_no_further_write() -> None:
    ann()
    scan(receipt(50), "ann", device=OTHER)
    with line() as told:
        scan(receipt(51), "ann", device=OTHER)
        scan(receipt(52), "ann", device=FIRST)
        scan(receipt(53), "ann")
    assert told.calls == ["BatchGetItem", "TransactWriteItems"] * 3
    profile = dump()[(f"M#{ann().member_id}", "PROFILE")]
    assert int(profile["version"]["N"]) == 2


def test_a_device_alone_is_not_worth_a_transaction() -> None:
    referrer = ann()
    assert not scan(door(), "ann", device=OTHER).joined
    assert marks(referrer) == 1


def test_five_further_devices_are_kept_and_none_is_dropped() -> None:
    rule()
    referrer = ann()
    for number in range(MOST_DEVICES + 2):
        scan(receipt(50 + number), "ann", device=f"phone-{number}")
    assert marks(referrer) == 1 + MOST_DEVICES
    friend = scan(door(), "bob", referrer.referral_code, device="phone-0")
    assert friend.referral == Reason.SAME_DEVICE.value


def test_another_app_and_another_phone_at_once_are_both_noted() -> None:
    first = scan(door(), "ann", now=ago(3), unionid="u-ann", device=FIRST)
    again = scan(receipt(50), "ann-elsewhere", unionid="u-ann", device=OTHER)
    assert (again.member_id, marks(first)) == (first.member_id, 2)
    person = people.load(first.member_id)
    assert person is not None
    assert len(person.accounts[0].identities) == 3
    stored = json.dumps(list(dump().values()))
    assert OTHER not in stored


def test_devices_outlive_a_merge_and_a_day() -> None:
    rule()
    referrer = ann()
    scan(receipt(50), "ann", device=OTHER)
    other = scan(door(), "ann-2", now=ago(2))
    merge_members(referrer.member_id, other.member_id, "unionid", "proof", NOW)
    person = people.load(referrer.member_id)
    assert person is not None
    member = person.member
    assert len(member.devices) == 1
    assert replace(member, devices=frozenset()).seen_on < member.seen_on
    late = NOW + timedelta(days=40)
    friend = scan(door(), "bob", referrer.referral_code, late, device=OTHER)
    assert friend.referral == Reason.SAME_DEVICE.value
