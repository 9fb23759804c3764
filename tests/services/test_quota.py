"""A code's quota is exact, however many scan at once, and nobody is turned away by it."""

from collections import Counter
from datetime import timedelta

import pytest

from siyu.domain.coupons import Benefit
from siyu.domain.issued_codes import IssuedKind
from siyu.errors import CodeNotValidError, RefusalError
from siyu.storage import codes
from tests.services.shop import TODAY, issue, scan
from tests.support import NOW, at_once, dump, kinds

POSTER = Benefit("double-eleven", value_minor=2_000, min_spend_minor=10_000, valid_days=14)


def test_two_hundred_at_once_get_exactly_the_hundred_coupons_of_a_code() -> None:
    """Who gets no answer in time scans again, as a shopper would."""
    token = issue(kind=IssuedKind.POSTER, quota=100, benefit=POSTER)
    outcomes = at_once(200, lambda number: scan(token, f"shopper{number}"))
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Exception):
            assert not isinstance(outcome, RefusalError), outcome
            scan(token, f"shopper{number}")
    answered = Counter(one.benefit for one in outcomes if not isinstance(one, Exception))
    assert answered.keys() <= {"given", "quota_reached"}
    assert (kinds()["COUPON"], kinds()["PROFILE"]) == (100, 200)
    code = codes.find(token[1:14])
    assert code is not None
    assert code.used == 100


def test_a_code_gives_its_own_benefit_and_is_the_first_touch() -> None:
    token = issue(kind=IssuedKind.GUIDE, guide="lily", channel="wecom", benefit=POSTER)
    coupon = scan(token, "ann").coupon
    assert coupon is not None
    assert (coupon.benefit, coupon.value_minor) == ("double-eleven", 2_000)
    assert coupon.expires_at == NOW + timedelta(days=14)
    (profile,) = (item for item in dump().values() if item["kind"]["S"] == "PROFILE")
    touch = {name: profile[f"first_touch_{name}"]["S"] for name in ("kind", "guide", "channel")}
    assert touch == {"kind": "guide", "guide": "lily", "channel": "wecom"}


def test_a_member_takes_nothing_from_the_quota() -> None:
    token = issue(quota=1)
    scan(token, "ann")
    again = scan(token, "ann")
    assert (again.coupon, again.benefit) == (None, "already_a_member")
    late = scan(token, "bob")
    assert (late.joined, late.coupon, late.benefit) == (True, None, "quota_reached")


@pytest.mark.parametrize("days", [0, 3])
def test_a_code_is_good_from_its_first_to_its_last_day(days: int) -> None:
    first, last = TODAY + timedelta(days=1), TODAY + timedelta(days=1 + days)
    token = issue(valid_from=first, valid_until=last)
    for day in (0, 2 + days):
        with pytest.raises(CodeNotValidError):
            scan(token, "ann", now=NOW + timedelta(days=day))
    for day in (1, 1 + days):
        assert scan(token, "ann", now=NOW + timedelta(days=day)).claim == "none"
