"""Give a member the orders they made before anyone knew who they were."""

from dataclasses import replace

from siyu.services.record_order import add_to_figures
from siyu.storage import orders
from siyu.storage.transaction import Transaction, retrying


def attach_waiting(buyer_key: str, member_id: str) -> int:
    """Attach every order that waits for this buyer; returns how many. Safe to repeat."""
    return sum(attach(order_key, member_id) for order_key in orders.waiting_for(buyer_key))


def attach(order_key: str, member_id: str) -> bool:
    """Attach one order unless it has a member already. Safe to repeat.

    Raises ContentionError when it should be tried again.
    """
    return retrying(lambda: _attach(order_key, member_id))


def _attach(order_key: str, member_id: str) -> bool:
    order, version = orders.get(order_key)
    attached = replace(order, member_id=order.member_id or member_id)
    write = Transaction()
    if order.buyer_key is not None:
        orders.stop_waiting(write, order.buyer_key, order_key)
    if order.member_id is None:
        orders.put_order(write, attached, version + 1)
        add_to_figures(write, member_id, order, attached)
    write.commit()
    return order.member_id is None
