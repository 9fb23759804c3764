"""What a referral programme costs and gives, to be compared with what another one would have."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from siyu.domain.coupons import Benefit
from siyu.domain.credits import Credit
from siyu.domain.vetting import Verdict


@dataclass(frozen=True, slots=True)
class Totals:
    """Figures of a programme; amounts in minor units.

    `credits` are those that earned something, `kept_minor` is what they cost after refunds, of
    which `in_review_minor` waits for somebody. `coupons` are those promised to friends, at their
    face value whether they are redeemed or not; `cost_minor` is what is kept and they together.
    What caps and budget did not let through is `held_back_minor`.
    """

    credits: int = 0
    earned_minor: int = 0
    taken_back_minor: int = 0
    kept_minor: int = 0
    coupons: int = 0
    coupons_minor: int = 0
    cost_minor: int = 0
    in_review: int = 0
    in_review_minor: int = 0
    blocked: int = 0
    held_back_minor: int = 0

    def minus(self, other: "Totals") -> "Totals":
        """By how much these figures are above another programme's."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Totals(*(mine - others for mine, others in pairs))


@dataclass(frozen=True, slots=True)
class Doubt:
    """A credit that is blocked or waits for somebody, and why; ids only."""

    order_key: str
    referrer_id: str
    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What some rules come to: the credits as they would stand, and all of them together."""

    credits: Sequence[Credit]
    totals: Totals

    @property
    def doubts(self) -> list[Doubt]:
        """Blocked ones first, by referrer and order."""
        found = [
            Doubt(one.order_key, one.referrer_id, one.verdict, _reasons(one))
            for one in self.credits
            if one.blocked or one.in_review
        ]
        return sorted(found, key=lambda one: (one.verdict, one.referrer_id, one.order_key))


def outcome(made: Iterable[Credit], coupons: Iterable[Benefit], held_back_minor: int) -> Outcome:
    """Add up what credits and promised coupons come to."""
    found, promised = list(made), list(coupons)
    waiting = [one for one in found if one.in_review]
    kept, given = sum(one.kept_minor for one in found), sum(one.value_minor for one in promised)
    totals = Totals(
        credits=sum(one.earned_minor > 0 for one in found),
        earned_minor=sum(one.earned_minor for one in found),
        taken_back_minor=sum(one.reversed_minor for one in found),
        kept_minor=kept,
        coupons=len(promised),
        coupons_minor=given,
        cost_minor=kept + given,
        in_review=len(waiting),
        in_review_minor=sum(one.kept_minor for one in waiting),
        blocked=sum(one.blocked for one in found),
        held_back_minor=held_back_minor,
    )
    return Outcome(found, totals)


def _reasons(credit: Credit) -> tuple[str, ...]:
    """The rules' reasons, or those that somebody saw who said no."""
    ruling = credit.ruling
    if ruling is not None and ruling.verdict is credit.verdict:
        return ruling.reasons or credit.decision.reasons
    return credit.decision.reasons
