"""Whether a coupon may be redeemed, and what counts as the same redemption."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.coupons import WELCOME, Coupon, Redemption, check_redeemable, issue, repeats
from siyu.errors import CouponRefusedError

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
INSTANTS = st.datetimes(
    NOW.replace(tzinfo=None), NOW.replace(tzinfo=None) + timedelta(days=2), timezones=st.just(UTC)
)
REDEMPTIONS = st.builds(
    Redemption, st.sampled_from("AB"), st.sampled_from("12"), st.integers(0, 20), INSTANTS
)
COUPONS = st.builds(
    Coupon,
    st.just("welcome"),
    st.just("CODE"),
    st.just("welcome"),
    st.integers(1, 9),
    st.integers(0, 20),
    INSTANTS,
    st.integers(1, 3),
    st.none() | REDEMPTIONS,
)


@given(COUPONS, REDEMPTIONS, st.integers(0, 4))
def test_a_coupon_is_redeemable_exactly_when_nothing_speaks_against_it(
    coupon: Coupon, wanted: Redemption, count: int
) -> None:
    against = {
        "coupon_used": coupon.redemption is not None,
        "coupon_expired": wanted.redeemed_at >= coupon.expires_at,
        "below_minimum_spend": wanted.spend_minor < coupon.min_spend_minor,
        "person_limit_reached": count >= coupon.per_person,
    }
    said = None
    try:
        check_redeemable(coupon, wanted, count)
    except CouponRefusedError as refused:
        said = refused.reason
    assert said == next((reason for reason, holds in against.items() if holds), None)


@given(COUPONS, REDEMPTIONS, REDEMPTIONS)
def test_a_redemption_repeats_itself_and_no_other_that_differs_but_in_time(
    coupon: Coupon, done: Redemption, other: Redemption
) -> None:
    used = replace(coupon, redemption=done)
    assert repeats(used, done)
    assert repeats(used, replace(done, redeemed_at=other.redeemed_at))
    same = replace(other, redeemed_at=done.redeemed_at) == done
    assert repeats(used, other) is same
    assert not repeats(replace(coupon, redemption=None), other)


@given(st.integers(0, 30 * 86_400 - 1))
def test_a_welcome_is_worth_ten_yuan_off_fifty_for_thirty_days(seconds: int) -> None:
    coupon = issue(WELCOME, "CODE", NOW)
    assert (coupon.value_minor, coupon.min_spend_minor) == (1_000, 5_000)
    check_redeemable(coupon, Redemption("A", "1", 5_000, NOW + timedelta(seconds=seconds)), 0)
    with pytest.raises(CouponRefusedError):
        check_redeemable(coupon, Redemption("A", "1", 5_000, NOW + timedelta(days=30)), 0)
