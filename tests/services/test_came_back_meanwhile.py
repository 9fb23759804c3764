"""Somebody is erased in the middle of their own scan: they come back as somebody who was here."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from siyu.services.erase_member import erase_member
from siyu.services.sign_up import SignedUp
from siyu.storage import arrivals
from siyu.storage.keys import Key
from siyu.storage.reading import Found, read
from tests.services.newcomers import binding, publish
from tests.services.shop import receipt, scan
from tests.support import NOW


def erased_between(monkeypatch: pytest.MonkeyPatch, who: SignedUp) -> None:
    """The marks are read before the erasure, everything else after: a read of many keys is not of
    one moment."""
    done: list[str] = []

    def torn(keys: Iterable[Key | None]) -> Found:
        wanted = [key for key in keys if key is not None]
        marks = read(key for key in wanted if key.pk.startswith("X#"))
        if not done:
            done.append(who.member_id)
            erase_member(who.member_id, NOW)
        return marks.and_also(read(key for key in wanted if not key.pk.startswith("X#")))

    monkeypatch.setattr(arrivals, "read", torn)


def test_who_is_erased_meanwhile_comes_back_without_welcome_and_without_referral(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish()
    ann, bob = scan(receipt(1), "ann"), scan(receipt(2), "bob", unionid="bobs")
    erased_between(monkeypatch, bob)
    again = scan(receipt(3), "bob", ann.referral_code, unionid="bobs")
    assert again.member_id != bob.member_id
    assert (again.benefit, again.coupon) == ("returning_customer", None)
    assert (again.referral, again.referral_coupon) == ("returning_customer", None)
    bound = binding(again)
    assert bound is not None
    assert bound.refused == "returning_customer"
