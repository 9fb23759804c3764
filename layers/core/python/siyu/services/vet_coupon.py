"""Is the coupon that a friend was given for joining good? A referral is vetted when its coupon is
shown, as it is when the friend buys: at the door nothing is counted.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from siyu.domain.referrals import Binding
from siyu.domain.vetting import Decision, Verdict, decide
from siyu.errors import CouponRefusedError
from siyu.services.vet_referral import evidence_of, line_above
from siyu.storage import credit_items, keys, orders, programmes
from siyu.storage.people import Person

IN_DOUBT, REFUSED = "referral_in_doubt", "referral_refused"


def check(binding: Binding, friend: Person, at: datetime) -> None:
    """By the rules in force when the friend joined, and what is known of the referral alone; that
    the referrer is gone is no fault of the friend's.

    It takes the queries that a look at a credit takes; one for the friend's orders and a read of
    their credits only where something speaks against the referral, or the referrer has frauds.
    Raises CouponRefusedError.
    """
    above = list(line_above(binding.referrer_id))
    if not above:
        return
    checks = programmes.load().in_force(binding.bound_at).checks
    known = replace(evidence_of(binding, above, friend, at), referrer_gone=False)
    decision, frauds = decide(checks, known), above[0].standing.frauds
    if decision.verdict is Verdict.APPROVE and not frauds:
        return
    bought = set(_bought(friend))
    if not frauds.isdisjoint(bought):
        raise CouponRefusedError(REFUSED)
    if decision.verdict is Verdict.APPROVE or _somebody_approved(decision, bought):
        return
    raise CouponRefusedError(REFUSED if decision.verdict is Verdict.BLOCK else IN_DOUBT)


def _bought(friend: Person) -> Iterator[str]:
    for member_id in friend.member_ids:
        for order in (*orders.of_member(member_id), *orders.tellings_of_member(member_id)):
            yield keys.order_key(order.source, order.order_id)


def _somebody_approved(decision: Decision, order_keys: set[str]) -> bool:
    """Whether somebody has seen all that speaks against the referral, at a credit of the friend's,
    and approved it."""
    rulings = (credit.ruling for credit in credit_items.find_many(sorted(order_keys)))
    approved = (one for one in rulings if one and one.verdict is Verdict.APPROVE)
    return any(set(decision.reasons) <= set(one.reasons) for one in approved)
