"""How much of what an order is worth the caps and the budget let through, first come, first served.

What was granted stays counted when a refund takes credit back: that makes no room for another
order, so the sum of a full window is the same in whatever order things were told. It is counted no
more as far as the order turns out to be worth less by the rules, goes to somebody else, to other
rules or to another day, or is refused before it was released: then nobody has had it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from siyu.domain.calendar import business_date
from siyu.domain.caps import BUDGET, Cap, CapKey, budget_caps, caps_of
from siyu.domain.credits import Credit
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme
from siyu.storage import caps, keys
from siyu.storage.transaction import Transaction

Used = Callable[[Iterable[CapKey]], Mapping[CapKey, int]]
"""What is counted at some places, in minor units."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An amount, and where it is counted; `limited_by` names the caps that held more back.

    `more` is what has to be counted for it, with what was `used` before; `less` what is counted no
    more.
    """

    amount_minor: int = 0
    counted: Mapping[CapKey, int] = field(default_factory=dict)
    limited_by: tuple[str, ...] = ()
    more: Mapping[Cap, int] = field(default_factory=dict)
    less: Mapping[CapKey, int] = field(default_factory=dict)
    used: Mapping[CapKey, int] = field(default_factory=dict)

    def count(self, write: Transaction) -> None:
        """Count it; StaleReadError of the commit says that somebody was faster."""
        caps.count(write, self.more, self.used)
        caps.give_back(write, self.less)

    def over(self, credit: Credit) -> Credit:
        """The credit with it."""
        return replace(
            credit,
            granted_minor=self.amount_minor,
            grants=tuple((*where, amount) for where, amount in sorted(self.counted.items())),
            limited_by=self.limited_by,
        )


def _nothing_granted(held: Mapping[CapKey, int]) -> Grant:
    """Nothing is let through, and what is `held` is counted no more."""
    return Grant(less=held)


def grant(
    credit: Credit,
    order: Order,
    programme: Programme,
    worth_minor: int,
    *,
    held: Mapping[CapKey, int] | None = None,
    beside: tuple[str, ...] = (),
    used_of: Used = caps.used,
) -> Grant:
    """What caps and budget let through of what an order is worth, when so much is `held` for it
    already: that stays, as far as it is where it should be. `beside` are the other accounts of the
    referrer's, with which they share their caps.

    One round trip where more is wanted than is held and there are caps, and one more when an
    order's own shard of a budget has not enough: then the others give, as many as it takes.
    """
    held = held or {}
    if order.paid is None:
        return _nothing_granted(held)
    own = caps_of(programme, credit.referrer_id, business_date(order.paid.occurred_at), beside)
    budget = _own_first(budget_caps(programme), credit.order_key)
    drawn = sum(held.get(cap.key, 0) for cap in budget)
    settled = [*(held.get(cap.key, 0) for cap in own), *([drawn] if budget else [])]
    used: Mapping[CapKey, int] = {}
    amount, limited = worth_minor, set[str]()
    if worth_minor > min(settled, default=worth_minor):
        used = used_of(key for cap in (*own, *budget[:1]) for key in cap.keys)
        most = {cap: _let_through(cap, held, used, worth_minor) for cap in own}
        amount = min([worth_minor, *most.values()])
        limited = {cap.name for cap in own if most[cap] < worth_minor}
        missing = amount - drawn
        if budget and budget[0].room(used, missing) < missing:
            used = {**used_of(cap.key for cap in budget), **used}
    wanted: dict[CapKey, int] = {}
    if budget:
        wanted = _draw(budget, held, used, amount)
        if sum(wanted.values()) < amount:
            limited.add(BUDGET)
            amount = sum(wanted.values())
    wanted |= {cap.key: amount for cap in own if amount}
    more = {cap: wanted.get(cap.key, 0) - held.get(cap.key, 0) for cap in (*own, *budget)}
    less = {where: amount - wanted.get(where, 0) for where, amount in held.items()}
    return Grant(
        amount,
        wanted,
        tuple(sorted(limited)),
        {cap: amount for cap, amount in more.items() if amount > 0},
        {where: amount for where, amount in less.items() if amount > 0},
        used,
    )


def _own_first(shards: list[Cap], order_key: str) -> list[Cap]:
    """The shards of a budget, beginning with the order's own one."""
    mine = keys.shard(order_key, len(shards)) if shards else 0
    return shards[mine:] + shards[:mine]


def _let_through(
    cap: Cap, held: Mapping[CapKey, int], used: Mapping[CapKey, int], wanted: int
) -> int:
    have = min(wanted, held.get(cap.key, 0))
    return have + cap.room(used, wanted - have)


def _draw(
    budget: Iterable[Cap], held: Mapping[CapKey, int], used: Mapping[CapKey, int], wanted: int
) -> dict[CapKey, int]:
    """What is held first, then so much from each shard in turn until there is enough."""
    drawn: dict[CapKey, int] = {}
    for cap in budget:
        if amount := min(held.get(cap.key, 0), wanted - sum(drawn.values())):
            drawn[cap.key] = amount
    for cap in budget:
        missing = wanted - sum(drawn.values())
        if cap.key in used and (amount := cap.room(used, missing)):
            drawn[cap.key] = drawn.get(cap.key, 0) + amount
    return drawn
