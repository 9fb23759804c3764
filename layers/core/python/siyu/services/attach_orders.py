"""Give a member the orders they made before anyone knew who they were."""

from collections.abc import Sequence
from dataclasses import replace

from siyu.storage import figures, orders, waiting_orders
from siyu.storage.transaction import Transaction, retrying

ORDERS_AT_ONCE = 40


def attach_waiting(buyer_key: str, member_id: str) -> int:
    """Attach every order that waits for this buyer; returns how many. Safe to repeat."""
    waiting = list(waiting_orders.of_buyer(buyer_key))
    return sum(
        attach(waiting[start : start + ORDERS_AT_ONCE], member_id)
        for start in range(0, len(waiting), ORDERS_AT_ONCE)
    )


def attach(order_keys: Sequence[str], member_id: str) -> int:
    """Attach those of 40 orders at most that have no member yet; returns how many.

    Safe to repeat. Raises ContentionError when it should be tried again.
    """
    return retrying(lambda: _attach(order_keys, member_id))


def _attach(order_keys: Sequence[str], member_id: str) -> int:
    found, lineage = orders.look_up_for(order_keys, member_id)
    write = Transaction()
    added = []
    for order_key, (order, version) in found.items():
        if order.buyer_key is not None:
            waiting_orders.take_back(write, order.buyer_key, order_key)
        if order.member_id is None:
            mine = replace(order, member_id=member_id)
            orders.put_order(write, mine, version + 1)
            added.append(mine.contribution)
    figures.exchange(write, lineage, [(None, contribution) for contribution in added])
    write.commit()
    return len(added)
