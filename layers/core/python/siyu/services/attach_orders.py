"""Give a member the orders they made before anyone knew who they were."""

from collections.abc import Sequence
from dataclasses import replace

from siyu.services.order_events import buyers_of
from siyu.storage import figures, orders, waiting_orders
from siyu.storage.members import Identity
from siyu.storage.order_items import put_order
from siyu.storage.transaction import Transaction, retrying

ORDERS_AT_ONCE = 40


def attach_waiting(identity: Identity, member_id: str) -> int:
    """Attach every order that waits for this buyer; returns how many. Safe to repeat."""
    waiting = list(waiting_orders.of_buyer(identity))
    return sum(
        attach(waiting[start : start + ORDERS_AT_ONCE], member_id, waits_at=identity)
        for start in range(0, len(waiting), ORDERS_AT_ONCE)
    )


def attach(order_keys: Sequence[str], member_id: str, waits_at: Identity | None = None) -> int:
    """Attach those of 40 orders at most that have no member yet; returns how many.

    Safe to repeat. Raises ContentionError when it should be tried again.
    """
    return retrying(lambda: _attach(order_keys, member_id, waits_at))


def _attach(order_keys: Sequence[str], member_id: str, waits_at: Identity | None) -> int:
    found, lineage = orders.look_up_for(order_keys, member_id)
    write = Transaction()
    added = []
    for order_key, standing in found.items():
        order = standing.order
        # What waits elsewhere too is taken back there, when that identity leads to somebody.
        for buyer in [waits_at] if waits_at else buyers_of(order):
            waiting_orders.take_back(write, buyer, order_key)
        if order.member_id is None:
            mine = replace(order, member_id=member_id)
            put_order(write, mine, standing.version + 1)
            added.append(mine.contribution)
    figures.exchange(write, lineage, [(None, contribution) for contribution in added])
    write.commit()
    return len(added)
