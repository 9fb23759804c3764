"""What if other rules had been in force: history decided about once more, and nothing written.

Orders, bindings and what is known about people are taken as they stand now. So is what somebody
decided about a credit, as far as it holds for the reasons the other rules find. Caps and budget
begin empty and fill in the order in which the purchases were paid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from siyu.domain.calendar import business_date
from siyu.domain.caps import CapKey
from siyu.domain.credits import Credit, reconcile
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme, Programmes
from siyu.domain.referrals import Binding, demand_of, target_of
from siyu.domain.succession import open_credit
from siyu.domain.vetting import Decision, Evidence, decide
from siyu.domain.what_if import Outcome, outcome
from siyu.services.grant_credit import Grant, grant
from siyu.services.vet_referral import Vetted, purchases_of, tellers_of, vet
from siyu.storage import keys, orders, programmes


@dataclass(frozen=True, slots=True)
class History:
    """Everybody who was referred, the credits that stand by order, and the rules they stand by.

    With `since` only what was paid, and who joined, on that business day or later counts.
    """

    bindings: Sequence[Binding]
    credits: Mapping[str, Credit]
    programmes: Programmes
    since: date | None = None

    @property
    def joined(self) -> list[Binding]:
        """The referrals of the time that is looked at, but for those refused at the door."""
        return [
            one
            for one in self.bindings
            if one.refused is None and self.covers(business_date(one.bound_at))
        ]

    def covers(self, day: date) -> bool:
        return self.since is None or day >= self.since


@dataclass(frozen=True, slots=True)
class Weighed:
    """An order of a friend's: what the other rules make of it before caps, and what the caps of its
    own version have held back until now; `beside` are the referrer's other accounts."""

    paid_at: datetime
    order_key: str
    order: Order
    binding: Binding
    worth_minor: int
    evidence: Evidence
    decision: Decision
    held_back_minor: int
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What stands, and what would stand by the other rules."""

    actual: Outcome
    simulated: Outcome


def history_of(found: Iterable[Binding | Credit], since: date | None = None) -> History:
    """The history that all bindings and credits of the table make."""
    bindings: list[Binding] = []
    standing: dict[str, Credit] = {}
    for one in found:
        if isinstance(one, Binding):
            bindings.append(one)
        else:
            standing[one.order_key] = one
    bindings.sort(key=lambda one: (one.bound_at, one.referee_id))
    return History(bindings, standing, programmes.load(), since)


def weigh(binding: Binding, rules: Programme, known: History) -> list[Weighed]:
    """The orders of one friend, by the other rules: a query for them, and some reads for each.

    Friends may be weighed side by side; caps come later.
    """
    return [
        _weigh(order, order.paid.occurred_at, binding, rules, known)
        for order in orders.of_member(binding.referee_id)
        if order.paid is not None and known.covers(business_date(order.paid.occurred_at))
    ]


def compare(weighed: Iterable[Weighed], rules: Programme, known: History) -> Comparison:
    """What the other rules come to, beside what stands."""
    found = sorted(weighed, key=lambda one: (one.paid_at, one.order_key))
    stands = _standing(found, known)
    friends = known.joined
    versions = (known.programmes.in_force(one.bound_at) for one in friends)
    promised = (one.coupon for one in versions if one.enabled)
    held_back = sum(one.held_back_minor for one in found)
    return Comparison(
        outcome(stands, (one for one in promised if one), held_back),
        _simulate(found, rules, known, len(friends)),
    )


def _simulate(found: Sequence[Weighed], rules: Programme, known: History, friends: int) -> Outcome:
    counters, made, held_back = _Counters(), list[Credit](), 0
    for one in found:
        if one.worth_minor == 0:
            continue
        credit = _decided(one, rules, known)
        given = Grant()
        if not credit.blocked:
            given = grant(
                credit, one.order, rules, one.worth_minor, beside=one.beside, used_of=counters.used
            )
            counters.count(given)
            held_back += one.worth_minor - given.amount_minor
        moved, _ = reconcile(given.over(credit), target_of(one.order, given.amount_minor))
        made.append(moved)
    promised = [rules.coupon] * friends if rules.coupon and rules.enabled else []
    return outcome(made, promised, held_back)


@dataclass(slots=True)
class _Counters:
    """What caps and budget have let through, in memory."""

    _used: dict[CapKey, int] = field(default_factory=dict)

    def used(self, where: Iterable[CapKey]) -> dict[CapKey, int]:
        return {one: self._used.get(one, 0) for one in where}

    def count(self, given: Grant) -> None:
        for cap, amount in given.more.items():
            self._used[cap.key] = self._used.get(cap.key, 0) + amount


def _weigh(
    order: Order, paid_at: datetime, binding: Binding, rules: Programme, known: History
) -> Weighed:
    key = keys.order_key(order.source, order.order_id)
    tellers = tellers_of(order)
    worth = demand_of(order, binding, rules, purchases_of(order, tellers, rules))
    credit = known.credits.get(key)
    pair = binding.referee_id, binding.referrer_id
    stands = credit is not None and (credit.referee_id, credit.referrer_id) == pair
    before = credit.evidence if credit and stands else None
    vetted = vet(order, tellers, binding, rules, worth, before=before) if worth else Vetted()
    decision, held_back = decide(rules.checks, vetted.evidence), 0
    if credit is not None and credit.limited_by and not credit.blocked:
        version = known.programmes.named(credit.programme)
        own = demand_of(order, binding, version, purchases_of(order, tellers, version))
        held_back = max(0, own - credit.granted_minor)
    found = vetted.evidence, decision, held_back, vetted.beside
    return Weighed(paid_at, key, order, binding, worth, *found)


def _decided(one: Weighed, rules: Programme, known: History) -> Credit:
    """A credit with nothing on it, and what holds of it."""
    day = business_date(one.paid_at)
    opened = open_credit(one.order_key, one.order, one.binding, rules, day)
    stands = known.credits.get(one.order_key)
    ruling = stands.ruling if stands and stands.referrer_id == opened.referrer_id else None
    return replace(opened, decision=one.decision, evidence=one.evidence, ruling=ruling)


def _standing(found: Sequence[Weighed], known: History) -> list[Credit]:
    """The credits that stand, also of orders that have come to somebody whom nobody referred."""
    if known.since is None:
        return list(known.credits.values())
    inside = {one.order_key for one in found}
    for key, moved in orders.find(known.credits.keys() - inside).items():
        paid = moved.order.paid
        if paid is not None and known.covers(business_date(paid.occurred_at)):
            inside.add(key)
    return [credit for key, credit in known.credits.items() if key in inside]
