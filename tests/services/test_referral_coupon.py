"""A friend who was sent gets the coupon of the programme that is in force when they join."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.domain.coupons import WELCOME, Redemption
from siyu.errors import CouponRefusedError
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.redeem_coupon import redeem_coupon
from siyu.services.sign_up import SignedUp
from tests.faults import line
from tests.services.newcomers import ADDRESS, BOBS, GIFT, ann, bob, publish
from tests.services.shop import STORE, issue, receipt, scan
from tests.support import NOW, dump


def test_a_friend_gets_the_coupon_of_the_programme_in_the_same_transaction() -> None:
    publish()
    referrer = ann()
    token = receipt(2)
    with line() as calls:
        friend = scan(token, "bob", referrer.referral_code, address=ADDRESS, device=BOBS)
    assert calls.calls == ["BatchGetItem", "TransactWriteItems"]
    gift = friend.referral_coupon
    assert gift is not None
    assert (gift.coupon_id, gift.benefit, gift.value_minor) == ("friend", "friend", 2_000)
    assert gift.expires_at == NOW + timedelta(days=14)
    held = {coupon.coupon_id: coupon.code for _, coupon in known(friend.member_id).coupons}
    assert friend.coupon is not None
    assert held == {"welcome": friend.coupon.code, "friend": gift.code}
    assert referrer.referral_coupon is None
    again = scan(token, "bob", referrer.referral_code)
    assert again.referral_coupon is None


def test_the_programme_in_force_at_the_signup_decides() -> None:
    publish(effective_from=NOW)
    referrer = ann()
    early, late = (
        scan(door_token, name, referrer.referral_code, now=at)
        for door_token, name, at in (
            (issue(1), "bob", NOW - timedelta(seconds=1)),
            (issue(2), "cat", NOW),
        )
    )
    assert (early.referral, early.referral_coupon) == ("bound", None)
    assert late.referral_coupon is not None


def test_a_programme_that_is_off_binds_and_gives_nothing() -> None:
    publish(enabled=False)
    friend = bob(ann().referral_code)
    assert (friend.referral, friend.referral_coupon) == ("bound", None)


def test_a_gift_that_is_the_welcome_once_more_is_a_second_one_within_the_persons_limit() -> None:
    publish(coupon=WELCOME)
    friend = bob(ann().referral_code)
    assert friend.coupon is not None
    assert friend.referral_coupon is not None
    ids = [coupon.coupon_id for coupon in (friend.coupon, friend.referral_coupon)]
    assert ids == ["welcome", "welcome#2"]
    redeem_coupon(friend.referral_coupon.code, Redemption(STORE, "till-1", 5_000, NOW))
    with pytest.raises(CouponRefusedError):
        redeem_coupon(friend.coupon.code, Redemption(STORE, "till-2", 5_000, NOW))


def test_a_code_whose_quota_is_used_up_leaves_the_gift_as_the_first_of_its_name() -> None:
    publish()
    referrer, token = ann(), issue(benefit=GIFT, quota=1)
    scan(token, "cat")
    friend = scan(token, "bob", referrer.referral_code)
    assert (friend.benefit, friend.coupon) == ("quota_reached", None)
    assert friend.referral_coupon is not None
    assert friend.referral_coupon.coupon_id == "friend"


def one_person(friend: SignedUp, referrer: SignedUp) -> str:
    """The account that is merged into the other one."""
    merge = merge_members(referrer.member_id, friend.member_id, "phone", "proof", NOW)
    assert merge is not None
    return merge.absorbed_id


def test_who_turns_out_to_be_their_own_friend_keeps_the_welcome_alone() -> None:
    """Ann sent her own second WeChat."""
    publish()
    referrer = ann()
    friend = bob(referrer.referral_code)
    one_person(friend, referrer)
    assert friend.coupon is not None
    assert friend.referral_coupon is not None
    before = dump()
    with pytest.raises(CouponRefusedError) as refused:
        redeem_coupon(friend.referral_coupon.code, Redemption(STORE, "till-1", 10_000, NOW))
    assert refused.value.reason == "self_referral"
    assert dump() == before
    redeem_coupon(friend.coupon.code, Redemption(STORE, "till-2", 5_000, NOW))


def test_of_two_of_one_name_it_is_the_second_that_was_the_reward() -> None:
    publish(coupon=WELCOME)
    referrer = ann()
    friend = bob(referrer.referral_code)
    one_person(friend, referrer)
    assert friend.coupon is not None
    assert friend.referral_coupon is not None
    with pytest.raises(CouponRefusedError):
        redeem_coupon(friend.referral_coupon.code, Redemption(STORE, "till-1", 5_000, NOW))
    redeem_coupon(friend.coupon.code, Redemption(STORE, "till-2", 5_000, NOW))


def test_the_same_merge_undone_makes_it_good_again() -> None:
    publish()
    referrer = ann()
    friend = bob(referrer.referral_code)
    undo_merge(one_person(friend, referrer), "dan", "a mistake", NOW)
    assert friend.referral_coupon is not None
    redeem_coupon(friend.referral_coupon.code, Redemption(STORE, "till-1", 10_000, NOW))
