"""Give a member a coupon, as often as its benefit allows one person."""

from datetime import datetime

from siyu.domain.coupons import Benefit, Coupon, issue
from siyu.errors import CouponRefusedError
from siyu.services.join_member import new_coupon_code
from siyu.services.known_member import known_from_the_top
from siyu.storage import coupons, members
from siyu.storage.transaction import Transaction, retrying


def issue_coupon(member_id: str, benefit: Benefit, now: datetime) -> Coupon:
    """Raises NotFoundError, and CouponRefusedError when the person has had their share."""
    return retrying(lambda: _attempt(member_id, benefit, now))


def _attempt(member_id: str, benefit: Benefit, now: datetime) -> Coupon:
    """The version of who speaks for the person moves: two at once cannot pass each other."""
    person = known_from_the_top(member_id)
    had = [owner for owner, one in person.coupons if one.benefit == benefit.name]
    if len(had) >= benefit.per_person:
        raise CouponRefusedError("person_limit_reached")
    coupon = issue(benefit, new_coupon_code(), now, had.count(member_id) + 1)
    write = Transaction()
    coupons.put_new(write, member_id, coupon)
    members.touch(write, person.member)
    write.commit()
    return coupon
