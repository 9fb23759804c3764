"""Decide about the credit of one order as all stands now, and post what is missing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit
from siyu.domain.ledger import PENDING, RELEASED
from siyu.domain.programmes import Programme
from siyu.domain.referrals import Target, demand_of, target_of
from siyu.domain.succession import inherit, open_credit, put_aside, reschedule, turned
from siyu.domain.vetting import Verdict, decide
from siyu.services import vet_referral
from siyu.services.credit_case import Case, Estate
from siyu.services.grant_credit import Grant, grant
from siyu.services.post_credit import UNMOVED, Settled, left, moved_to, opened_as, post
from siyu.storage import credit_items, deliveries


def settle_case(case: Case, credit: Credit | None, now: datetime) -> Settled:
    """One transaction, or none. What an order earned somebody else, by other rules, or before it
    was known to tell of this sale, goes over in it: no room that it holds is anybody's in between.
    Raises StaleReadError."""
    order, programme = case.order, case.programme
    tellers = vet_referral.tellers_of(order)
    purchases = vet_referral.purchases_of(order, tellers, programme)
    worth = demand_of(order, case.binding, programme, purchases)
    estate = Estate(credit, credit_items.find_many(order.parts))
    if worth == 0 and credit is None and not estate.leaving:
        return UNMOVED
    former = credit if credit is not None and not case.is_about(credit) else None
    heir = estate.heir_of(case)
    before = credit if credit and not former else _opened(case, credit, heir, now)
    deliveries.note(tellers, case.binding.referee_id, order)
    vetted = vet_referral.vet(
        order, tellers, case.binding, programme, worth, before=before.evidence
    )
    decision = decide(programme.checks, vetted.evidence)
    known = replace(before, ruling=estate.ruling_of(case, heir, decision))
    ruled = case.ruled.over(known) if former is None or case.between_same(former) else known
    ruled = replace(ruled, evidence=vetted.evidence, decision=decision)
    ruled, given = _place(case, ruled, worth, estate, vetted.beside)
    completed = max((one.completed_at for one in tellers if one.completed_at), default=None)
    after = reschedule(ruled, order, programme, completed)
    target = _target(case, after, worth, estate)
    after = _noted(before, after, target.kept_minor, now)
    lots = estate.released(case)
    after = _lasting(after, lots, target.kept_minor, programme, business_date(now))
    others = estate.going(case, before)
    if credit is before and credit.state == after.state:
        own = moved_to(credit, after, target, others)
    else:
        own = opened_as(after, credit, target, others)
    steps = [own, *map(left, estate.leaving)]
    return post(steps, now, (given.count, *case.ruled.also))


def _opened(case: Case, former: Credit | None, heir: Credit | None, now: datetime) -> Credit:
    """A credit with nothing on it but what it inherits."""
    opened = open_credit(
        case.order_key, case.order, case.binding, case.programme, business_date(now)
    )
    opened = inherit(opened, heir) if heir is not None else opened
    return put_aside(opened, case.ruled.over(former)) if former is not None else opened


def _place(
    case: Case, ruled: Credit, worth: int, estate: Estate, beside: tuple[str, ...]
) -> tuple[Credit, Grant]:
    """The credit with what is granted of it, released or waiting. What is refused before it was
    released was nobody's: it counts against no cap. What is refused afterwards goes on to count
    where it did."""
    most = estate.room_of(case, worth) if ruled.blocked else worth
    given = grant(ruled, case.order, case.programme, most, held=estate.held, beside=beside)
    goes = estate.lets_go(case, given.amount_minor)
    by_parts = goes and not estate.released_by_night(case)
    ruled = turned(ruled, RELEASED if goes else PENDING, by_parts=by_parts)
    return given.over(ruled), given


def _target(case: Case, credit: Credit, worth: int, estate: Estate) -> Target:
    """What is to be earned; nothing more than is there while some of that goes over later."""
    target = target_of(case.order, 0 if credit.blocked else min(worth, credit.granted_minor))
    there = estate.there_minor(case)
    return target if there is None else Target(min(there, target.kept_minor), 0)


def _noted(before: Credit, after: Credit, kept_minor: int, now: datetime) -> Credit:
    """With the day on which the doubt arose; where nothing is kept there is nothing to doubt."""
    doubted = after.state == PENDING and after.verdict is Verdict.REVIEW and kept_minor > 0
    if not doubted:
        return replace(after, doubted_on=None)
    since = before.waits_since if before.in_review else before.doubted_on
    return replace(after, doubted_on=since or business_date(now))


def _lasting(
    after: Credit, lots: Sequence[Credit], kept_minor: int, programme: Programme, day: date
) -> Credit:
    """Released `lots` that go on in one can be spent until the last of their days. What comes in
    addition after that day can be spent from now on, and lasts as long as any other."""
    if after.state == PENDING:
        return after
    ends, lasts = max(one.expires_on or date.max for one in lots), programme.credit_days
    if ends <= day and kept_minor > sum(one.kept_minor for one in lots):
        ends = day + timedelta(days=lasts) if lasts is not None else date.max
    return replace(after, expires_on=None if ends == date.max else ends)
