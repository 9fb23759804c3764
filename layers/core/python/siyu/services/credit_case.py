"""What the credit of one order rests on: the case, and what there is of it already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from siyu.domain.caps import CapKey
from siyu.domain.credits import Credit
from siyu.domain.ledger import RELEASED
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme
from siyu.domain.referrals import Binding
from siyu.domain.succession import rulings_about
from siyu.domain.vetting import Decision, Ruling, standing
from siyu.services.post_credit import Ruled

# The credits of so many orders go over into that of their sale at once: a transaction takes 100
# items. More are found at the next look.
MOST_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Case:
    """An order of somebody who was referred, and the rules that decide about it."""

    order_key: str
    order: Order
    binding: Binding
    programme: Programme
    ruled: Ruled

    @property
    def pair(self) -> tuple[str, str]:
        """Whom it is about: the friend and their referrer."""
        return self.binding.referee_id, self.binding.referrer_id

    def is_about(self, credit: Credit) -> bool:
        """Whether a credit is what this binding would open under these rules."""
        return self.between_same(credit) and credit.programme == self.programme.version

    def between_same(self, credit: Credit) -> bool:
        """Whether a credit is about the same friend and the same referrer."""
        return credit.pair == self.pair


@dataclass(frozen=True, slots=True)
class Estate:
    """What there is already: the `credit` at the order's key, and those of the orders that tell of
    its sale, whose own they were until the payment was told."""

    credit: Credit | None
    parts: Sequence[Credit]

    @property
    def standing(self) -> Sequence[Credit]:
        """Those of the parts that still hold something."""
        return [one for one in self.parts if one.stands]

    @property
    def leaving(self) -> Sequence[Credit]:
        """Those of them that go over now."""
        return self.standing[:MOST_AT_ONCE]

    @property
    def held(self) -> Mapping[CapKey, int]:
        """What is counted for all of it."""
        held: dict[CapKey, int] = {}
        for one in _all(self.credit, *self.leaving):
            for where, amount in one.held.items():
                held[where] = held.get(where, 0) + amount
        return held

    def heir_of(self, case: Case) -> Credit | None:
        """The one that goes on in what a case earns: the sale's own, as it stands, if it is about
        the same two people; else, of those that go over and are, the one that keeps most."""
        if own := self.own(case):
            return own
        return max(filter(case.between_same, self.leaving), key=_weight, default=None)

    def ruling_of(self, case: Case, heir: Credit | None, decision: Decision) -> Ruling | None:
        """What somebody decided last about the two people, for the sale or for an order of it
        before it was known to be one, as far as it says something about what is doubted now. What
        was said of the heir stays where nothing else was: also that nobody decided in time."""
        there = _all(heir, self.credit, *self.parts)
        said = [ruling for one in there for ruling in rulings_about(one, case.pair)]
        own = next(rulings_about(there[0], case.pair), None) if there else None
        holds = [one for one in said if not one.overdue and standing(decision, one) is one.verdict]
        last = max(holds, key=attrgetter("at"), default=own)
        return own if last and own in holds and own.verdict is last.verdict else last

    def own(self, case: Case) -> Credit | None:
        """The credit at the order's key, if it is about the same two people."""
        return self.credit if self.credit and case.between_same(self.credit) else None

    def released(self, case: Case) -> list[Credit]:
        """Those of it that were released, also what has gone over before."""
        told = _all(self.own(case), *filter(case.between_same, self.parts))
        return [one for one in told if one.state == RELEASED]

    def going(self, case: Case, on: Credit) -> list[Credit]:
        """Those of the released ones that go over now into another credit, or have before."""
        stay = self.standing[MOST_AT_ONCE:]
        return [one for one in self.released(case) if one is not on and one not in stay]

    def released_by_night(self, case: Case) -> bool:
        """Whether it was the credit itself that was released."""
        own = self.own(case)
        return own is not None and own.state == RELEASED and not own.by_parts

    def lets_go(self, case: Case, amount_minor: int) -> bool:
        """Whether so much of a sale is released: if it was, or if no more was released of its
        orders, each of which may have been rounded down. However little that was, more waits."""
        if self.released_by_night(case):
            return True
        lots = [one for one in self.released(case) if one is not self.credit]
        return amount_minor < sum(one.earned_minor for one in lots) + len(lots)


def _weight(credit: Credit) -> tuple[int, bool]:
    return credit.kept_minor, credit.state == RELEASED


def _all(*credits_: Credit | None) -> list[Credit]:
    return [one for one in credits_ if one is not None]
