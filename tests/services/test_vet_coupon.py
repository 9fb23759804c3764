"""The coupon for joining by a referral is worth no more than the referral."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from siyu.domain.coupons import Benefit, Coupon, Redemption
from siyu.domain.members import Standing
from siyu.domain.programmes import Checks
from siyu.errors import CouponRefusedError
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.link_phone import link_phone
from siyu.services.merge_members import merge_members
from siyu.services.redeem_coupon import redeem_coupon
from siyu.services.sign_up import SignedUp
from siyu.storage import bindings
from siyu.storage.transaction import Transaction
from tests.faults import line
from tests.services.doubts import APPROVE, BLOCK, decide
from tests.services.rules import OPEN, ago, rule
from tests.services.shop import STORE, door, paid, receipt, scan, settle
from tests.support import NOW, dump

GIFT = Benefit("friend", 2_000, 0, 14)
GOOD, DOUBT, REFUSED = "good", "referral_in_doubt", "referral_refused"
_tills = count()


def shown(coupon: Coupon | None) -> str:
    """What the till is told; nothing is written when it is refused."""
    assert coupon is not None
    before = dump()
    try:
        redeem_coupon(coupon.code, Redemption(STORE, f"till-{next(_tills)}", 5_000, NOW))
    except CouponRefusedError as refused:
        assert dump() == before
        return refused.reason
    return GOOD


def ann() -> SignedUp:
    return scan(door(), "ann", now=ago(9), device="anns")


def brought(*names: str, by: SignedUp, **more: Any) -> list[SignedUp]:
    """Each a tenth of a second after the other."""
    return [
        scan(door(), name, by.referral_code, ago(1) + timedelta(seconds=number / 10), **more)
        for number, name in enumerate(names)
    ]


def gift_rules(**checks: Any) -> None:
    rule(coupon=GIFT, checks=replace(OPEN, **checks))


def note(member: SignedUp, standing: Standing) -> None:
    write = Transaction()
    bindings.put_standing(write, member.member_id, standing)
    write.commit()


def test_of_a_burst_so_many_are_good_as_the_rules_take_for_granted() -> None:
    rule(coupon=GIFT, checks=Checks())
    friends = brought(*(f"f{number}" for number in range(12)), by=ann())
    assert [shown(one.referral_coupon) for one in friends] == [GOOD] * 5 + [DOUBT] * 7
    assert {shown(one.coupon) for one in friends} == {GOOD}, "the welcome is nobody's reward"


@pytest.mark.parametrize(
    ("checks", "where"),
    [
        ({"friends_per_device": 2}, {"device": "tablet"}),
        ({"friends_per_address": 2}, {"address": "192.0.2.7"}),
        ({"friends_per_network": 2}, {"address": "192.0.2.7"}),
        ({"friends_a_day": 2}, {}),
    ],
)
def test_whatever_a_credit_would_wait_for_the_coupon_waits_for_too(
    checks: dict[str, int], where: dict[str, str]
) -> None:
    gift_rules(**checks)
    friends = brought("f0", "f1", "f2", by=ann(), **where)
    assert [shown(one.referral_coupon) for one in friends] == [GOOD, GOOD, DOUBT]


def test_somebodys_approval_makes_it_good_and_another_reason_bad_again() -> None:
    gift_rules(friends_a_minute=1)
    referrer = ann()
    _, bob = brought("f0", "bob", by=referrer)
    paid("1", 10_000, buyer={"openid": "bob"})
    settle()
    assert shown(bob.referral_coupon) == DOUBT
    decide(APPROVE)
    note(referrer, Standing(suspended_at=NOW, version=1))
    assert shown(bob.referral_coupon) == REFUSED
    note(referrer, Standing(version=2))
    assert shown(bob.referral_coupon) == GOOD


def test_after_a_confirmed_fraud_it_is_worth_nothing() -> None:
    gift_rules()
    referrer = ann()
    bob, cat = brought("bob", "cat", by=referrer)
    paid("1", 10_000, buyer={"openid": "bob"})
    settle()
    decide(BLOCK, fraud=True, note="seen on camera")
    assert (shown(bob.referral_coupon), shown(cat.referral_coupon)) == (REFUSED, GOOD)


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_staff_and_their_friends_are_given_nothing(who: str) -> None:
    gift_rules()
    referrer = ann()
    (bob,) = brought("bob", by=referrer)
    note({"ann": referrer, "bob": bob}[who], Standing(staff_since=NOW, version=1))
    assert shown(bob.referral_coupon) == REFUSED


def test_a_ring_a_shared_device_and_a_returning_customer_are_refused() -> None:
    old = scan(door(), "old", now=ago(20))
    link_phone(old.member_id, "+8613900139000", ago(20))
    erase_member(old.member_id, ago(10))
    finish_erasure(old.member_id, ago(10))
    gift_rules()
    referrer = ann()
    ring, shared, back = brought("ring", "shared", "back", by=referrer, device="another")
    above = scan(door(), "above", now=ago(12))
    write = Transaction()
    (known,) = bindings.of([ring.member_id]).values()
    bindings.bind(write, replace(known, referee_id=referrer.member_id, referrer_id=above.member_id))
    write.commit()
    merge_members(above.member_id, ring.member_id, "unionid", "proof", NOW)
    assert shown(ring.referral_coupon) == REFUSED
    link_phone(back.member_id, "+8613900139000", NOW)
    assert shown(back.referral_coupon) == REFUSED
    scan(receipt(50), "ann", device="another")
    assert shown(shared.referral_coupon) == REFUSED


def test_a_referrer_who_is_erased_takes_no_coupon_along() -> None:
    gift_rules()
    referrer = ann()
    (bob,) = brought("bob", by=referrer)
    erase_member(referrer.member_id, NOW)
    finish_erasure(referrer.member_id, NOW)
    assert shown(bob.referral_coupon) == GOOD


def test_a_redemption_that_was_answered_is_answered_alike_and_other_coupons_cost_no_look() -> None:
    gift_rules(friends_a_minute=1)
    first, _ = brought("bob", "cat", by=ann())
    assert first.referral_coupon is not None
    assert first.coupon is not None
    wanted = Redemption(STORE, "till-a", 5_000, NOW)
    redeem_coupon(first.referral_coupon.code, wanted)
    note(ann(), Standing(suspended_at=NOW, version=1))
    assert redeem_coupon(first.referral_coupon.code, wanted).redemption == wanted
    with line() as told:
        redeem_coupon(first.coupon.code, Redemption(STORE, "till-b", 5_000, NOW))
    assert told.calls == ["Query", "Query", "BatchGetItem", "TransactWriteItems"]
