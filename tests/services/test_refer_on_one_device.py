"""A device that brings many: the referral rules say what becomes of it, the signup works."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.doubts import Reason
from tests.services.rules import OPEN, credits_by_order, kept, rule
from tests.services.shop import door, paid, scan, settle
from tests.support import NOW


@pytest.mark.parametrize(("most", "doubted"), [(None, set()), (3, {"f3", "f4"}), (4, {"f4"})])
def test_more_friends_join_on_one_device_than_others_and_the_rules_say_what_they_doubt(
    most: int | None, doubted: set[str]
) -> None:
    rule(checks=replace(OPEN, friends_per_device=most))
    ann = scan(door(), "ann", now=NOW - timedelta(days=9))
    names = [f"f{number}" for number in range(5)]
    for number, name in enumerate(names):
        at = NOW + timedelta(minutes=number)
        assert scan(door(), name, ann.referral_code, at, device="tablet").referral == "bound"
        paid(name, 10_000, buyer={"openid": name})
    settle()
    found = {name: one.decision.reasons for name, one in credits_by_order().items()}
    assert found == {name: (Reason.DEVICE,) if name in doubted else () for name in names}
    assert kept() == dict.fromkeys(names, 500)


def test_a_fourth_friend_on_the_referrers_own_device_is_refused_and_joins() -> None:
    ann = scan(door(), "ann", now=NOW - timedelta(days=1), device="tablet")
    joined = [scan(door(), f"f{number}", ann.referral_code, device="tablet") for number in range(4)]
    assert {(one.referral, one.joined) for one in joined} == {(Reason.SAME_DEVICE.value, True)}
