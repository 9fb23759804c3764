"""How much of what an order is worth the caps and the budget let through, first come, first served.

What was granted stays so: a refund takes credit back and makes no room for another order, so the
sum of a full window is the same in whatever order things were told.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit
from siyu.domain.orders import Order
from siyu.domain.programmes import Cap, Programme, budget_caps, caps_of
from siyu.storage import caps, keys
from siyu.storage.transaction import Transaction

Room = Callable[[Iterable[Cap]], Mapping[Cap, int]]
"""What caps still let through, in minor units."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An amount that counts against some caps; `limited_by` names those that held more back."""

    amount_minor: int = 0
    caps: tuple[Cap, ...] = ()
    limited_by: tuple[str, ...] = ()

    def count(self, write: Transaction) -> None:
        """Count it; StaleReadError of the commit says that somebody was faster."""
        if self.amount_minor:
            caps.count(write, self.caps, self.amount_minor)


def grant(
    credit: Credit,
    order: Order,
    programme: Programme,
    worth_minor: int,
    room_of: Room = caps.room,
) -> Grant:
    """What may be added to a credit so that it reaches what its order is worth.

    One round trip where there are caps, and one more when an order's own shard of a budget is used
    up. Then the fullest shard gives what it has: a last crumb of a budget may stay.
    """
    wanted = worth_minor - credit.granted_minor
    if wanted <= 0 or order.paid is None:
        return Grant()
    own = caps_of(programme, credit.referrer_id, business_date(order.paid.occurred_at))
    shards = budget_caps(programme)
    first = shards[keys.shard(credit.order_key, len(shards))] if shards else None
    room = room_of([*own, first] if first else own)
    if first is not None and room[first] < wanted and len(shards) > 1:
        others = room_of(shards)
        best = max(shards, key=lambda cap: (min(others[cap], wanted), cap == first, cap.window))
        room = {**{cap: room[cap] for cap in own}, best: others[best]}
    amount = min([wanted, *room.values()])
    limited = tuple(sorted(cap.name for cap, left in room.items() if left < wanted))
    return Grant(amount, tuple(room), limited)
