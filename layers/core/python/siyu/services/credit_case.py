"""What the credit of one order rests on: the case, and what there is of it already."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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

# The credits of so many orders, counted at so many places, go over into that of their sale at once:
# a transaction takes 100 items. More are found at the next look.
MOST_AT_ONCE, MOST_COUNTED = 3, 24


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
    def leaving(self) -> Sequence[Credit]:
        """Those of the parts that still hold something and go over now: one at least, more as far
        as they are counted at few places."""
        leaving: list[Credit] = []
        room = MOST_COUNTED
        for one in self.parts:
            room -= len(one.grants) if one.stands else 0
            if one.stands and (not leaving or (room >= 0 and len(leaving) < MOST_AT_ONCE)):
                leaving.append(one)
        return leaving

    @property
    def held(self) -> Mapping[CapKey, int]:
        """What is counted for all of it."""
        held: dict[CapKey, int] = {}
        for one in _all(self.credit, *self.leaving):
            for where, amount in one.held.items():
                held[where] = held.get(where, 0) + amount
        return held

    def heir_of(self, case: Case) -> Credit | None:
        """The one whose evidence and days of waiting go on in what a case earns: its own, if it is
        about the same two people; else, of those that go over and are, the one that keeps most."""
        if own := self.own(case):
            return own
        return max(filter(case.between_same, self.leaving), key=_weight, default=None)

    def ruling_of(self, case: Case, heir: Credit | None, decision: Decision) -> Ruling | None:
        """What somebody decided last about the two people, for the sale or for an order of it
        before it was known to be one, as far as it says something about what is doubted now. What
        was said of the heir stays where nothing else was: also that nobody decided in time."""
        there = _all(self.credit, *self.parts)
        said = [ruling for one in there for ruling in rulings_about(one, case.pair)]
        said = [one for one in said if not one.overdue]
        holds = [one for one in said if standing(decision, one) is one.verdict]
        own = heir.ruling if heir else None
        own = own or max(said, key=attrgetter("at"), default=None)
        last = max(holds, key=attrgetter("at"), default=own)
        return own if last and own in holds and own.verdict is last.verdict else last

    def own(self, case: Case) -> Credit | None:
        """The credit at the order's key, if it is about the same two people."""
        return self.credit if self.credit and case.between_same(self.credit) else None

    def released(self, case: Case) -> list[Credit]:
        """Its own, if that is released, and those of the parts that were before they went over."""
        lots = [one for one in self.parts if one.released_minor]
        told = filter(case.between_same, _all(self.own(case), *lots))
        return [one for one in told if one.state == RELEASED]

    def going(self, case: Case, on: Credit) -> list[Credit]:
        """Those of the released ones that go over into another credit now."""
        there = _all(self.credit, *self.leaving)
        return [one for one in self.released(case) if one is not on and one in there]

    def released_by_night(self, case: Case) -> bool:
        """Whether it was the credit itself that was released."""
        own = self.own(case)
        return own is not None and own.state == RELEASED and not own.by_parts

    def released_minor(self, lots: Iterable[Credit]) -> int:
        """What was released of orders by themselves, in minor units: as much as those of one source
        come to, for several may tell of the same. Each may have been rounded down."""
        sums = Counter[str]()
        for one in lots:
            sums[one.order_key.partition("#")[0]] += one.released_minor + 1
        return max(sums.values(), default=1) - 1

    def lets_go(self, case: Case, amount_minor: int) -> bool:
        """Whether so much of a sale is released: if it was, or if no more was released of its
        orders. However little that was, more waits."""
        lots = [one for one in self.released(case) if one is not self.credit]
        by_parts = bool(lots) and amount_minor <= self.released_minor(lots)
        return by_parts or self.released_by_night(case)

    def room_of(self, case: Case, worth_minor: int) -> int:
        """What goes on to count of what is worth so much and is refused after its release."""
        own, lots = self.own(case), self.parts
        if own is not None and self.released_by_night(case):
            lots = [own, *self.leaving]
        lots = [one for one in lots if case.is_about(one) and one.state == RELEASED]
        return min(worth_minor, sum(one.granted_minor or one.let_go_minor for one in lots))

    def there_minor(self, case: Case) -> int | None:
        """What is kept of its own and of what goes over now, while more stays behind that goes over
        later: nothing of that may stand twice in between. None where nothing stays."""
        if len(self.leaving) == sum(one.stands for one in self.parts):
            return None
        there = filter(case.between_same, _all(self.credit, *self.leaving))
        return sum(one.kept_minor for one in there)


def _weight(credit: Credit) -> tuple[int, bool]:
    return credit.kept_minor, credit.state == RELEASED


def _all(*credits_: Credit | None) -> list[Credit]:
    return [one for one in credits_ if one is not None]
