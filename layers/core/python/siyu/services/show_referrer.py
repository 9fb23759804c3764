"""Who a referrer is to the programme: who brought them, whom they brought, and what came of it."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from siyu.domain.credits import Credit
from siyu.domain.ledger import Balance
from siyu.domain.members import Standing
from siyu.domain.referrals import Binding
from siyu.services.known_member import known
from siyu.storage import aggregates, bindings, credit_items
from siyu.storage.people import Person
from siyu.storage.standings import standing

FRIENDS = 100
# A celebrity has more; what they hold is in the balance all the same.
CREDITS = 10_000


@dataclass(frozen=True, slots=True)
class Sum:
    """Credits of one state and verdict, in minor units."""

    credits: int = 0
    earned_minor: int = 0
    reversed_minor: int = 0
    expired_minor: int = 0

    def plus(self, credit: Credit) -> "Sum":
        return Sum(
            self.credits + 1,
            self.earned_minor + credit.earned_minor,
            self.reversed_minor + credit.reversed_minor,
            self.expired_minor + credit.expired_minor,
        )


@dataclass(frozen=True, slots=True)
class Friend:
    """Somebody whom a referrer brought, and what they have bought and kept; `net_minor` in minor
    units. Nothing for an account without figures."""

    binding: Binding
    orders: int = 0
    net_minor: int = 0


@dataclass(frozen=True, slots=True)
class Referrer:
    """A person with all their accounts; friends latest first. `more_friends` and `more_credits` say
    that there are others than those shown and summed up; the balance is of all."""

    person: Person
    standing: Standing
    balance: Balance
    friends: Sequence[Friend]
    more_friends: bool
    sums: Mapping[tuple[str, str], Sum]
    more_credits: bool

    @property
    def brought_by(self) -> list[Binding]:
        """At most one for each account, the oldest account's first."""
        return [one.binding for one in self.person.accounts if one.binding]


def show_referrer(member_id: str) -> Referrer:
    """Raises NotFoundError for somebody who never joined, or was erased."""
    person = known(member_id)
    of_each = (bindings.friends_of(one) for one in person.member_ids)
    friends = list(islice(heapq.merge(*of_each, key=_order_of, reverse=True), FRIENDS + 1))
    found = (one for name in person.member_ids for one in credit_items.of_referrer(name))
    brought = list(islice(found, CREDITS + 1))
    return Referrer(
        person,
        person.standing,
        standing(person)[1],
        _with_figures(friends[:FRIENDS]),
        len(friends) > FRIENDS,
        _sums(brought[:CREDITS]),
        len(brought) > CREDITS,
    )


def _order_of(binding: Binding) -> tuple[str, str]:
    return binding.bound_at.isoformat(), binding.referee_id


def _with_figures(found: Sequence[Binding]) -> list[Friend]:
    """What each has bought since they are known, in one round trip; also by accounts that were
    merged into theirs."""
    bought = aggregates.get_many({one.referee_id for one in found})
    friends = []
    for binding in found:
        own = bought.get(binding.referee_id)
        friends.append(
            Friend(binding, own.figures.orders, own.figures.net_minor) if own else Friend(binding)
        )
    return friends


def _sums(found: Iterable[Credit]) -> dict[tuple[str, str], Sum]:
    sums: defaultdict[tuple[str, str], Sum] = defaultdict(Sum)
    for credit in found:
        about = (credit.state, credit.verdict.value)
        sums[about] = sums[about].plus(credit)
    return dict(sorted(sums.items()))
