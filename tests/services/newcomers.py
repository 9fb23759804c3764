"""Ann, and Bob whom she sent: what tests of how a referral begins say a lot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from siyu.domain.coupons import Benefit
from siyu.domain.credits import Credit
from siyu.domain.members import Standing
from siyu.domain.programmes import PROGRAMME, Programme
from siyu.domain.referrals import Binding
from siyu.services.sign_up import SignedUp
from siyu.storage import bindings, credit_items, programmes
from siyu.storage.transaction import Transaction
from tests.services.shop import receipt, scan

ADDRESS, ANNS, BOBS = "192.0.2.77", "device-of-ann", "device-of-bob"
GIFT = Benefit("friend", value_minor=2_000, min_spend_minor=10_000, valid_days=14)


def publish(coupon: Benefit | None = GIFT, **more: Any) -> Programme:
    programme = replace(PROGRAMME, version="2026-2", coupon=coupon, **more)
    programmes.append(programmes.load(), programme)
    return programme


def note(member: SignedUp, **standing: Any) -> None:
    write = Transaction()
    bindings.put_standing(write, member.member_id, Standing(version=1, **standing))
    write.commit()


def binding(member: SignedUp) -> Binding | None:
    return bindings.of([member.member_id]).get(member.member_id)


def ann(**more: Any) -> SignedUp:
    return scan(receipt(1), "ann", device=ANNS, **more)


def bob(code: str | None, device: str | None = BOBS) -> SignedUp:
    """He comes from one address, by a device of his own."""
    return scan(receipt(2), "bob", code, address=ADDRESS, device=device)


def credit_of(order_key: str) -> Credit:
    credit = credit_items.look_up([order_key])[order_key][1]
    assert credit is not None
    return credit
