"""A coupon is shown at the till: redeem it, once.

Every redemption of a person moves the version of the account that speaks for them. So two coupons
of one benefit, a merge and a redemption, or two tills with one coupon cannot pass each other. The
till's id of a redemption is kept for ever: it redeems one coupon, however often it is sent.

At the door a referral is taken at its word, so its coupon is vetted here (`vet_coupon`).
"""

from dataclasses import replace
from datetime import timedelta

from siyu.domain.coupons import Coupon, Redemption, check_redeemable, repeats
from siyu.domain.referrals import Binding
from siyu.errors import CouponRefusedError, NotFoundError
from siyu.services.known_member import known_from_the_top
from siyu.storage import coupons, members
from siyu.storage.people import Person
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
    brought_by = _brought_by(person, member_id, coupon)
    if brought_by is not None and brought_by.referrer_id in person.member_ids:
        raise CouponRefusedError("self_referral")
    same = [one for _, one in person.coupons if one.benefit == coupon.benefit]
    check_redeemable(coupon, wanted, sum(one.redemption is not None for one in same))
    if brought_by is not None:
        from siyu.services import vet_coupon  # noqa: PLC0415 - as below

        vet_coupon.check(brought_by, person, wanted.redeemed_at)
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


def _brought_by(person: Person, member_id: str, coupon: Coupon) -> Binding | None:
    """The referral that the rules gave a coupon for, if it is one of those."""
    account = next(one for one in person.accounts if one.member.member_id == member_id)
    binding = account.binding
    if binding is None or binding.refused:
        return None
    from siyu.storage import programmes  # noqa: PLC0415 - most coupons are nobody's own reward

    gift = programmes.load().in_force(binding.bound_at).coupon
    if gift is None:
        return None
    until = binding.bound_at + timedelta(days=gift.valid_days)
    alike = [
        one.coupon_id
        for one in account.coupons
        if (one.benefit, one.expires_at) == (gift.name, until)
    ]
    # The code that they came by may have given one of the same name, too, which came first.
    return binding if coupon.coupon_id == max(alike, default=None) else None
