"""A coupon is shown at the till: redeem it, once.

Every redemption of a person moves the version of the account that speaks for them. So two coupons
of one benefit, a merge and a redemption, or two tills with one coupon cannot pass each other. The
till's id of a redemption is kept for ever: it redeems one coupon, however often it is sent.
"""

from dataclasses import replace

from siyu.domain.coupons import Coupon, Redemption, check_redeemable, repeats
from siyu.errors import CouponRefusedError, NotFoundError
from siyu.services.known_member import known_from_the_top
from siyu.storage import coupons, members
from siyu.storage.transaction import StaleReadError, Transaction, retrying


def redeem_coupon(code: str, wanted: Redemption) -> Coupon:
    """The redeemed coupon; the same redemption again gives the same answer.

    Raises NotFoundError for a code we never gave, CouponRefusedError with the reason.
    """
    owner = coupons.owner_of(code)
    if owner is None:
        raise NotFoundError("no such coupon")
    return retrying(lambda: _attempt(owner, code, wanted))


def _attempt(owner: str, code: str, wanted: Redemption) -> Coupon:
    person = known_from_the_top(owner)
    found = next((pair for pair in person.coupons if pair[1].code == code), None)
    if found is None:
        raise NotFoundError("no such coupon")
    member_id, coupon = found
    if repeats(coupon, wanted):
        return coupon
    same = [one for _, one in person.coupons if one.benefit == coupon.benefit]
    check_redeemable(coupon, wanted, sum(one.redemption is not None for one in same))
    write = Transaction()
    coupons.put_redeemed(write, member_id, coupon, wanted)
    members.touch(write, person.member)
    try:
        write.commit()
    except StaleReadError as stale:
        # The coupon is as it was read: it is the id that redeemed another one before.
        if "redemption" in stale.labels and "coupon" not in stale.labels:
            raise CouponRefusedError("redemption_id_used") from stale
        raise
    return replace(coupon, redemption=wanted)
