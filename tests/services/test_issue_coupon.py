"""A person gets as many coupons of a benefit as it allows, whichever account asks, however fast."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.coupons import WELCOME, Benefit, Coupon
from siyu.errors import CouponRefusedError, NotFoundError
from siyu.services.issue_coupon import issue_coupon
from siyu.services.merge_members import merge_members
from siyu.services.show_member import show_member
from tests.services.shop import receipt, scan
from tests.support import NOW, at_once

SUMMER = Benefit("summer", value_minor=500, min_spend_minor=0, valid_days=7)


def test_a_coupon_is_in_the_wallet_until_it_is_over() -> None:
    ann = scan(receipt(1), "ann").member_id
    coupon = issue_coupon(ann, SUMMER, NOW)
    assert coupon.expires_at == NOW + timedelta(days=7)
    assert coupon in [one for _, one in show_member(ann).person.coupons]


def test_twenty_at_once_give_what_one_person_may_have() -> None:
    ann = scan(receipt(1), "ann").member_id
    twice = replace(SUMMER, per_person=2)
    outcomes = at_once(20, lambda _: issue_coupon(ann, twice, NOW))
    given = [one for one in outcomes if isinstance(one, Coupon)]
    assert len({one.code for one in given}) == len(given) == 2
    assert all(isinstance(one, Coupon | CouponRefusedError) for one in outcomes)


def test_a_merged_person_is_one_person() -> None:
    ann, bob = scan(receipt(1), "ann").member_id, scan(receipt(2), "bob").member_id
    merge_members(ann, bob, "unionid", "proof", NOW)
    issue_coupon(ann, SUMMER, NOW)
    with pytest.raises(CouponRefusedError, match="person_limit_reached"):
        issue_coupon(bob, SUMMER, NOW)


def test_the_welcome_comes_once() -> None:
    ann = scan(receipt(1), "ann").member_id
    with pytest.raises(CouponRefusedError):
        issue_coupon(ann, WELCOME, NOW)


def test_nobody_gets_nothing() -> None:
    with pytest.raises(NotFoundError):
        issue_coupon("0" * 13, SUMMER, NOW)
