"""Decide about the credit of one order as all stands now, and post what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit, open_credit, reschedule
from siyu.domain.ledger import PENDING
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme
from siyu.domain.referrals import Binding, demand_of, target_of
from siyu.domain.vetting import Ruling, Verdict, decide, standing
from siyu.services import vet_referral
from siyu.services.grant_credit import Grant, grant
from siyu.services.post_credit import UNMOVED, Addition, Ruled, Settled, post
from siyu.storage import caps, credit_items


@dataclass(frozen=True, slots=True)
class Case:
    """An order of somebody who was referred, and the rules that decide about it."""

    order_key: str
    order: Order
    binding: Binding
    programme: Programme
    ruled: Ruled

    def opened(self, former: Credit | None, now: datetime) -> Credit:
        """A credit with nothing on it, over what stood there before. What somebody decided about
        this friend and this referrer goes on to hold, under other rules and for the sale that the
        order turns out to tell of."""
        opened = open_credit(
            self.order_key, self.order, self.binding, self.programme, business_date(now)
        )
        told = [former] if former else credit_items.find_many(self.order.parts)
        version = former.version if former else 0
        return replace(opened, version=version, ruling=_ruling_of(told, self.binding))


def opens(credit: Credit, binding: Binding | None, programme: Programme) -> bool:
    """Whether a credit is what this binding would open under these rules."""
    return binding is not None and (credit.referee_id, credit.referrer_id, credit.programme) == (
        binding.referee_id,
        binding.referrer_id,
        programme.version,
    )


def settle_case(case: Case, credit: Credit | None, now: datetime) -> Settled:
    """One transaction, or none. Raises StaleReadError."""
    order, programme = case.order, case.programme
    tellers = vet_referral.tellers_of(order)
    purchases = vet_referral.purchases_of(order, tellers, programme)
    worth = demand_of(order, case.binding, programme, purchases)
    if worth == 0 and credit is None:
        return UNMOVED
    before = credit.evidence if credit else None
    if credit is None or not opens(credit, case.binding, programme):
        credit, before = case.opened(credit, now), None
    vetted = vet_referral.vet(order, tellers, case.binding, programme, worth, before=before)
    decision = decide(programme.checks, vetted.evidence)
    ruled = replace(case.ruled.over(credit), evidence=vetted.evidence, decision=decision)
    if standing(ruled.decision, ruled.ruling) is Verdict.BLOCK:
        granted, also = _refused(ruled)
    else:
        given = grant(credit, order, programme, worth, beside=vetted.beside)
        granted, also = given.over(ruled), given.count
    after = _noted(credit, reschedule(granted, order, programme), now)
    earned = 0 if after.blocked else min(worth, after.granted_minor)
    return post(credit, after, target_of(order, earned), now, (also, *case.ruled.also))[1]


def _refused(credit: Credit) -> tuple[Credit, Addition]:
    """What is refused before it was released was nobody's: it counts against no cap."""
    if credit.state != PENDING or not credit.grants:
        return credit, Grant().count
    given_back = partial(caps.give_back, grants=credit.grants)
    return replace(credit, granted_minor=0, grants=()), given_back


def _noted(before: Credit, after: Credit, now: datetime) -> Credit:
    """With the day on which the doubt arose."""
    if not after.in_review:
        return replace(after, doubted_on=None)
    since = before.waits_since if before.version and before.in_review else business_date(now)
    return replace(after, doubted_on=since)


def _ruling_of(told: Iterable[Credit], binding: Binding) -> Ruling | None:
    """The last that was decided about the same two people."""
    rulings = [
        one.ruling
        for one in told
        if one.ruling
        and (one.referee_id, one.referrer_id) == (binding.referee_id, binding.referrer_id)
    ]
    return max(rulings, key=lambda ruling: ruling.at, default=None)
