"""How much of what an order is worth the caps and the budget let through, first come, first served.

What was granted stays counted when a refund takes credit back: that makes no room for another
order, so the sum of a full window is the same in whatever order things were told. It is counted no
more when the credit goes to somebody else, to other rules or to another day, or is refused before
it was released: then nobody has had it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit
from siyu.domain.orders import Order
from siyu.domain.programmes import BUDGET, Cap, CapKey, Programme, budget_caps, caps_of
from siyu.storage import caps, keys
from siyu.storage.transaction import Transaction

Used = Callable[[Iterable[CapKey]], Mapping[CapKey, int]]
"""What stands on counters, in minor units."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An amount, and how much of it counts against which caps, with what was `used` of them before;
    `limited_by` names those that held more back."""

    amount_minor: int = 0
    counted: Mapping[Cap, int] = field(default_factory=dict)
    limited_by: tuple[str, ...] = ()
    used: Mapping[CapKey, int] = field(default_factory=dict)

    def count(self, write: Transaction) -> None:
        """Count it; StaleReadError of the commit says that somebody was faster."""
        caps.count(write, self.counted, self.used)

    def over(self, credit: Credit) -> Credit:
        """The credit with it."""
        sums = {(account, window): amount for account, window, amount in credit.grants}
        for cap, amount in self.counted.items():
            sums[cap.account, cap.window] = sums.get((cap.account, cap.window), 0) + amount
        return replace(
            credit,
            granted_minor=credit.granted_minor + self.amount_minor,
            grants=tuple((*where, amount) for where, amount in sorted(sums.items())),
            limited_by=self.limited_by,
        )


def grant(
    credit: Credit,
    order: Order,
    programme: Programme,
    worth_minor: int,
    *,
    beside: tuple[str, ...] = (),
    used_of: Used = caps.used,
) -> Grant:
    """What may be added to a credit so that it reaches what its order is worth; `beside` are the
    other accounts of the referrer's, with which they share their caps.

    One round trip where there are caps, and one more when an order's own shard of a budget has not
    enough: then the others give, as many as it takes.
    """
    wanted = worth_minor - credit.granted_minor
    if wanted <= 0 or order.paid is None:
        return Grant()
    own = caps_of(programme, credit.referrer_id, business_date(order.paid.occurred_at), beside)
    shards = budget_caps(programme)
    mine = keys.shard(credit.order_key, len(shards)) if shards else 0
    used = used_of(one for cap in (*own, *shards[mine : mine + 1]) for one in cap.counters)
    most = min([wanted, *(cap.room(used) for cap in own)])
    limited = {cap.name for cap in own if cap.room(used) < wanted}
    drawn: dict[Cap, int] = {}
    if shards:
        if shards[mine].room(used) < most:
            used = {**used_of(one for cap in shards for one in cap.counters), **used}
        drawn = _draw(shards[mine:] + shards[:mine], used, most)
        if sum(drawn.values()) < most:
            limited.add(BUDGET)
        most = sum(drawn.values())
    counted = drawn | (dict.fromkeys(own, most) if most else {})
    return Grant(most, counted, tuple(sorted(limited)), used)


def counts_where(credit: Credit, order: Order, programme: Programme) -> bool:
    """Whether what a credit counts against its referrer's caps is of its order's own day."""
    if order.paid is None or not credit.grants:
        return True
    own = caps_of(programme, credit.referrer_id, business_date(order.paid.occurred_at))
    counted = {window for account, window, _ in credit.grants if account == credit.referrer_id}
    return counted == {cap.window for cap in own}


def _draw(shards: Iterable[Cap], used: Mapping[CapKey, int], wanted: int) -> dict[Cap, int]:
    """So much from each in turn until there is enough."""
    drawn: dict[Cap, int] = {}
    for cap in shards:
        amount = min(cap.room(used), wanted) if wanted else 0
        if amount:
            drawn[cap], wanted = amount, wanted - amount
    return drawn
