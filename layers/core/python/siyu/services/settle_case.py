"""Decide about the credit of one order as all stands now, and post what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import attrgetter

from siyu.domain.calendar import business_date
from siyu.domain.caps import CapKey
from siyu.domain.credits import Credit
from siyu.domain.ledger import PENDING, RELEASED
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme
from siyu.domain.referrals import Binding, demand_of, target_of
from siyu.domain.succession import inherit, open_credit, reschedule
from siyu.domain.vetting import Decision, Ruling, Verdict, decide, standing
from siyu.services import vet_referral
from siyu.services.grant_credit import Grant, grant, nothing_granted
from siyu.services.post_credit import UNMOVED, Ruled, Settled, left, moved_to, opened_as, post
from siyu.storage import credit_items, deliveries

# The credits of so many orders go over into that of their sale at once: a transaction takes 100
# items. More are found at the next look.
MOST_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Case:
    """An order of somebody who was referred, and the rules that decide about it."""

    order_key: str
    order: Order
    binding: Binding
    programme: Programme
    ruled: Ruled

    def is_about(self, credit: Credit) -> bool:
        """Whether a credit is what this binding would open under these rules."""
        return self.between_same(credit) and credit.programme == self.programme.version

    def between_same(self, credit: Credit) -> bool:
        """Whether a credit is about the same friend and the same referrer."""
        pair = self.binding.referee_id, self.binding.referrer_id
        return (credit.referee_id, credit.referrer_id) == pair


@dataclass(frozen=True, slots=True)
class Estate:
    """What there is already: the `credit` at the order's key, and those of the orders that tell of
    its sale, whose own they were until the payment was told."""

    credit: Credit | None
    parts: Sequence[Credit]

    @property
    def leaving(self) -> Sequence[Credit]:
        """Those of the parts that still hold something."""
        return [one for one in self.parts if one.stands][:MOST_AT_ONCE]

    @property
    def held(self) -> Mapping[CapKey, int]:
        """What is counted for all of it."""
        return _counted(_all(self.credit, *self.leaving))

    def heir_of(self, case: Case) -> Credit | None:
        """The one that goes on in what a case earns: the sale's own, as it stands, if it is about
        the same two people; else, of those of its orders that are, the one that keeps most."""
        if self.credit is not None and case.between_same(self.credit):
            return self.credit
        return max(filter(case.between_same, self.parts), key=_weight, default=None)

    def ruling_of(self, case: Case, heir: Credit | None, decision: Decision) -> Ruling | None:
        """What somebody decided last about the two people, for the sale or for an order of it
        before it was known to be one, as far as it says something about what is doubted now. What
        was said of the heir stays where nothing else was: also that nobody decided in time."""
        same = filter(case.between_same, _all(self.credit, *self.parts))
        said = [
            one
            for one in (credit.ruling for credit in same)
            if one and not one.overdue and standing(decision, one) is one.verdict
        ]
        own = heir.ruling if heir else None
        last = max(said, key=attrgetter("at"), default=own)
        return own if last and own in said and own.verdict is last.verdict else last

    def spendable_beside(self, case: Case, heir: Credit | None) -> int:
        """What was released and has not expired of what goes over into the heir, in minor units."""
        return sum(
            one.kept_minor - one.expired_minor
            for one in self.leaving
            if one is not heir and case.between_same(one) and one.state == RELEASED
        )


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
    before = credit if credit and not former else _opened(case, heir, now)
    deliveries.note(tellers, case.binding.referee_id, order)
    vetted = vet_referral.vet(
        order, tellers, case.binding, programme, worth, before=before.evidence
    )
    decision = decide(programme.checks, vetted.evidence)
    known = replace(before, ruling=estate.ruling_of(case, heir, decision))
    ruled = case.ruled.over(known) if former is None or case.between_same(former) else known
    ruled = replace(ruled, evidence=vetted.evidence, decision=decision)
    given = _granted(case, ruled, worth, estate, vetted.beside)
    completed = max((one.completed_at for one in tellers if one.completed_at), default=None)
    after = reschedule(given.over(ruled), order, programme, completed)
    target = target_of(order, 0 if after.blocked else min(worth, after.granted_minor))
    after = _noted(before, after, target.kept_minor, now)
    beside = estate.spendable_beside(case, heir)
    if before is credit:
        after = _lasting(after, target.kept_minor, programme, business_date(now))
        own = moved_to(before, after, target, beside)
    else:
        own = opened_as(after, former, heir, target, beside)
    steps = [own, *map(left, estate.leaving)]
    return post(steps, now, (given.count, *case.ruled.also))


def _weight(credit: Credit) -> tuple[int, bool]:
    return credit.kept_minor, credit.state == RELEASED


def _all(*credits_: Credit | None) -> list[Credit]:
    return [one for one in credits_ if one is not None]


def _counted(credits_: Iterable[Credit]) -> dict[CapKey, int]:
    held: dict[CapKey, int] = {}
    for one in credits_:
        for where, amount in one.held.items():
            held[where] = held.get(where, 0) + amount
    return held


def _opened(case: Case, heir: Credit | None, now: datetime) -> Credit:
    """A credit with nothing on it but what it inherits."""
    opened = open_credit(
        case.order_key, case.order, case.binding, case.programme, business_date(now)
    )
    return inherit(opened, heir) if heir is not None else opened


def _granted(
    case: Case, ruled: Credit, worth: int, estate: Estate, beside: tuple[str, ...]
) -> Grant:
    """What is refused before it was released was nobody's: it counts against no cap. What is
    refused afterwards goes on to count where it did."""
    if standing(ruled.decision, ruled.ruling) is not Verdict.BLOCK:
        return grant(ruled, case.order, case.programme, worth, held=estate.held, beside=beside)
    if ruled.state == PENDING or ruled.version == 0:
        return nothing_granted(estate.held)
    return Grant(ruled.granted_minor, ruled.held, ruled.limited_by, less=_counted(estate.leaving))


def _noted(before: Credit, after: Credit, kept_minor: int, now: datetime) -> Credit:
    """With the day on which the doubt arose; where nothing is kept there is nothing to doubt."""
    doubted = after.state == PENDING and after.verdict is Verdict.REVIEW and kept_minor > 0
    if not doubted:
        return replace(after, doubted_on=None)
    since = before.waits_since if before.in_review else before.doubted_on
    return replace(after, doubted_on=since or business_date(now))


def _lasting(credit: Credit, kept_minor: int, programme: Programme, day: date) -> Credit:
    """What comes back after the day on which it would have ended can be spent from now on, and
    lasts as long as any other."""
    ends, lasts = credit.expires_on, programme.credit_days
    grows = kept_minor > credit.kept_minor
    if ends is None or lasts is None or not grows or ends > day:
        return credit
    return replace(credit, expires_on=day + timedelta(days=lasts))
