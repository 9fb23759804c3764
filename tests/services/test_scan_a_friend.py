"""A friend's poster is a code like any other: who scans it joins, and was brought by the friend."""

from __future__ import annotations

import pytest

from siyu.errors import CodeNotValidError
from siyu.services.erase_member import erase_member
from siyu.services.known_member import known
from siyu.storage import bindings
from tests.services.shop import door, scan
from tests.support import NOW, at_once, kinds


def test_who_scans_it_joins_with_welcome_and_is_bound() -> None:
    ann = scan(door(), "ann")
    bob = scan(ann.referral_code, "bob", address="192.0.2.7", device="d-bob")
    assert (bob.joined, bob.benefit, bob.claim, bob.referral) == (True, "given", "none", "bound")
    assert bindings.of([bob.member_id])[bob.member_id].referrer_id == ann.member_id
    touch = known(bob.member_id).member.first_touch
    assert (touch.kind, touch.store, touch.code) == ("referral", "-", ann.member_id)


def test_the_code_that_is_scanned_outweighs_one_that_comes_beside_it() -> None:
    ann, cat = scan(door(), "ann"), scan(door(), "cat")
    bob = scan(ann.referral_code, "bob", cat.referral_code)
    assert bindings.of([bob.member_id])[bob.member_id].referrer_id == ann.member_id


def test_a_member_who_scans_it_stays_as_they_are() -> None:
    ann, bob = scan(door(), "ann"), scan(door(), "bob")
    again = scan(ann.referral_code, "bob")
    assert (again.member_id, again.joined) == (bob.member_id, False)
    assert again.referral == scan(ann.referral_code, "ann").referral == "already_a_member"
    assert bindings.of([ann.member_id, bob.member_id]) == {}


def test_the_code_of_somebody_who_is_gone_is_none() -> None:
    ann = scan(door(), "ann")
    erase_member(ann.member_id, NOW)
    with pytest.raises(CodeNotValidError):
        scan(ann.referral_code, "bob")
    assert kinds()["PROFILE"] == 1


def test_many_at_once_are_one_member_with_one_referrer() -> None:
    codes = [scan(door(), f"friend{number}").referral_code for number in range(4)]
    found = at_once(12, lambda number: scan(codes[number % 4], "bob"))
    assert len({one.member_id for one in found if not isinstance(one, Exception)}) == 1
    assert kinds()["REFERRER"] == 1
