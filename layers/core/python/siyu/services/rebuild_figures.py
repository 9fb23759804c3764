"""Rebuild every member's figures from the facts, compare them with what is stored, and repair them.

The order path keeps figures up to date change by change; here they are added up anew. While the
table is read it goes on living: a difference counts only if the member's figures were the same
before the reading and after it. Everything that changes what figures follow from writes them, so
then the facts stood still as well; all others are compared again.

`out` is asked of the account alone that speaks for a person; the others have no label anyway.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from siyu.domain.calendar import business_date
from siyu.domain.consents import Consent, Purpose, profiling_refused
from siyu.domain.figures import Figures
from siyu.domain.label_book import LabelBook
from siyu.domain.members import Member
from siyu.domain.night_report import NO_SCHEME
from siyu.domain.orders import Order
from siyu.domain.published import Published
from siyu.services.compare_figures import Difference, book_of, differences
from siyu.storage import aggregates, nights
from siyu.storage.aggregates import Aggregate
from siyu.storage.behind_figures import (
    Decided,
    Fact,
    Stored,
    everything,
    versions,
    versions_of,
)
from siyu.storage.transaction import StaleReadError, Transaction

ROUNDS = 3
Watch = Callable[[Iterable[Fact]], Iterable[Fact]]


@dataclass(slots=True)
class Rebuild:
    """What came of it: members and orders read, what differed, whose figures kept changing, how
    many were repaired, and whether labels could be compared: not while a night is under way."""

    members: int = 0
    orders: int = 0
    differences: list[Difference] = field(default_factory=list)
    unsettled: frozenset[str] = frozenset()
    repaired: int = 0
    labels: bool = True

    @property
    def differing(self) -> int:
        """How many members differ."""
        return len({one.member_id for one in self.differences})


@dataclass(slots=True)
class _Facts:
    """What is kept of the table."""

    members: dict[str, Member] = field(default_factory=dict)
    own: dict[str, Figures] = field(default_factory=dict)
    consents: defaultdict[str, list[Consent]] = field(default_factory=lambda: defaultdict(list))
    stored: dict[str, Stored] = field(default_factory=dict)
    orders: int = 0

    def add(self, fact: Fact) -> None:
        match fact:
            case Member():
                self.members[fact.member_id] = fact
            case Order():
                self._count(fact)
            case Decided():
                if fact.consent.purpose is Purpose.PROFILING:
                    self.consents[fact.member_id].append(fact.consent)
            case Stored():
                self.stored[fact.member_id] = fact

    def _count(self, order: Order) -> None:
        self.orders += 1
        if order.member_id is not None and order.contribution is not None:
            before = self.own.get(order.member_id, Figures())
            self.own[order.member_id] = before.exchange(None, order.contribution)

    def line(self, member_id: str) -> Iterator[str]:
        """An account and those above it."""
        passed: set[str] = set()
        at: str | None = member_id
        while at is not None and at not in passed:
            yield at
            passed.add(at)
            at = self.members[at].up if at in self.members else None


def rebuild(*, write: bool = False, watch: Watch = iter) -> Rebuild:
    """Compare all members, three times at most while they keep changing, and with `write` repair
    who differs. Reads the whole table each time, by way of `watch`."""
    result = Rebuild()
    left: Collection[str] | None = None
    for _ in range(ROUNDS):
        left = _round(result, left, write=write, watch=watch)
        if not left:
            break
    result.unsettled = frozenset(left or ())
    return result


def _round(
    result: Rebuild, only: Collection[str] | None, *, write: bool, watch: Watch
) -> Collection[str]:
    """Compare everybody, or some, once; returns who changed meanwhile."""
    begun, published = versions(), nights.last_published()
    facts = _Facts()
    for fact in watch(everything()):
        facts.add(fact)
    result.members, result.orders = len(facts.members), facts.orders
    result.labels = published == nights.last_published() and _is_over(published)
    computed = _computed(facts, published if result.labels else None)
    found = _found(facts, computed, only)
    still = versions_of(found.keys())
    left = {one for one in found if begun.get(one, 0) != still[one]}
    for member_id in sorted(found.keys() - left):
        if write and member_id in computed:
            if not _repair(computed[member_id], facts.stored.get(member_id)):
                left.add(member_id)
                continue
            result.repaired += 1
        result.differences += found[member_id]
    return left


def _found(
    facts: _Facts, computed: Mapping[str, Aggregate], only: Collection[str] | None
) -> dict[str, list[Difference]]:
    """What differs, by member, in their order."""
    everybody = computed.keys() | facts.stored.keys()
    wanted = sorted(everybody if only is None else everybody & set(only))
    both = ((one, facts.stored.get(one), computed.get(one)) for one in wanted)
    found = ((one, list(differences(one, stored, right))) for one, stored, right in both)
    return {member_id: differing for member_id, differing in found if differing}


def _is_over(published: Published | None) -> bool:
    if published is None:
        return True
    names = [scheme.name for scheme, _ in published.schemes] or [NO_SCHEME]
    return nights.runs(published.night, names).keys() == set(names)


def _computed(facts: _Facts, published: Published | None) -> Mapping[str, Aggregate]:
    """The aggregates that the facts make; labels, versions and what nobody asks are as stored."""
    totals: defaultdict[str, Figures] = defaultdict(Figures)
    consents: defaultdict[str, list[Consent]] = defaultdict(list)
    for member_id in facts.members:
        for above in facts.line(member_id):
            consents[above] += facts.consents.get(member_id, ())
            if member_id in facts.own:
                totals[above] = totals[above].plus(facts.own[member_id])
    return {
        member_id: _aggregate(
            member, totals[member_id], consents[member_id], facts.stored.get(member_id), published
        )
        for member_id, member in facts.members.items()
    }


def _aggregate(
    member: Member,
    total: Figures,
    consents: Iterable[Consent],
    stored: Stored | None,
    published: Published | None,
) -> Aggregate:
    merged = member.up is not None and stored is not None
    return Aggregate(
        member.member_id,
        figures=total,
        joined_day=business_date(member.joined_at).toordinal(),
        store=member.first_touch.store,
        book=(stored and book_of(stored)) or LabelBook(),
        up=member.up,
        gone=member.erased_at is not None,
        out=stored.out if merged and stored else profiling_refused(consents),
        version=stored.version if stored else 0,
        published=published,
    )


def _repair(computed: Aggregate, stored: Stored | None) -> bool:
    """Write what the facts say over what was read; False when it was something else by then. Labels
    that cannot be read are told from others by their text."""
    write = Transaction()
    aggregates.put(write, computed, computed, stored.lb if stored else None)
    try:
        write.commit()
    except StaleReadError:
        return False
    return True
