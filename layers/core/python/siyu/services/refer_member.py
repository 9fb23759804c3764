"""Who sent a newcomer: asked once, at the door, and kept for life, be the answer yes or no.

A referral that is refused is bound all the same, with the reason: it earns nothing, no other one
takes its place, and somebody can see why.
"""

from dataclasses import dataclass

from siyu.domain.codes import CodeKind
from siyu.domain.coupons import Coupon, issue
from siyu.domain.doubts import Reason
from siyu.domain.programmes import Programme
from siyu.domain.referrals import Binding
from siyu.services import codes, join_member
from siyu.services.join_member import Newcomer
from siyu.storage import bindings, coupons
from siyu.storage.arrivals import Referrer
from siyu.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Referral:
    """What became of a referral code that came with a scan: bound, already_a_member,
    code_not_valid, none, or why it was refused. `coupon` is the programme's, for the newcomer."""

    status: str
    coupon: Coupon | None = None


NO_REFERRAL, MISSED = Referral("none"), Referral("already_a_member")


def referrer_of(token: str | None) -> str | None:
    """The account that a referral code names, or None when it is not one of ours."""
    code = codes.trusted(token, {CodeKind.MEMBER}) if token else None
    return code.member_id if code else None


def refer(
    write: Transaction, newcomer: Newcomer, referrer: Referrer | None, given: Coupon | None
) -> Referral:
    """Bind a newcomer to who sent them; `given` is the coupon that they have from the code.

    The referrer must still be there when this is committed.
    """
    if referrer is None:
        return Referral("code_not_valid")
    refused = _refusal(newcomer, referrer)
    bindings.bind(
        write,
        Binding(
            newcomer.member_id,
            referrer.member.member_id,
            newcomer.now,
            refused.value if refused else None,
            newcomer.device,
            newcomer.address,
            referrer.departed.count(newcomer.now),
        ),
    )
    if refused:
        return Referral(refused.value)
    programme = referrer.programmes.in_force(newcomer.now)
    return Referral("bound", _welcome(write, newcomer, programme, given))


def _refusal(newcomer: Newcomer, referrer: Referrer) -> Reason | None:
    """What is sure at the door. The rest shows when the friend buys (`vet_referral`)."""
    standing = referrer.standing
    if newcomer.returning:
        return Reason.RETURNING
    if newcomer.device is not None and newcomer.device in referrer.member.seen_on:
        return Reason.SAME_DEVICE
    if standing.was_staff(newcomer.now):
        return Reason.STAFF
    if standing.was_suspended(newcomer.now):
        return Reason.SUSPENDED
    return None


def _welcome(
    write: Transaction, newcomer: Newcomer, programme: Programme, given: Coupon | None
) -> Coupon | None:
    """The friend's side of the reward. A programme that gives what the code gave already gives a
    second one of it; how many one person redeems is the benefit's own limit."""
    benefit = programme.coupon
    if benefit is None or not programme.enabled:
        return None
    number = 2 if given is not None and given.benefit == benefit.name else 1
    coupon = issue(benefit, join_member.new_coupon_code(), newcomer.now, number)
    coupons.put_new(write, newcomer.member_id, coupon)
    return coupon
