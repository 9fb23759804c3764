"""Orders that wait in their buyer's partition until the buyer joins."""

from collections.abc import Iterator

from siyu.storage import keys
from siyu.storage.items import WaitingOrderItem
from siyu.storage.member_items import IdentityItem
from siyu.storage.reading import partition
from siyu.storage.transaction import Transaction


def of_buyer(buyer_key: str) -> Iterator[str]:
    """The keys of the orders that wait for a buyer to join."""
    for item in partition(keys.buyer_pk(buyer_key), keys.WAITING_PREFIX):
        if isinstance(item, WaitingOrderItem):
            yield item.order_key


def leave(write: Transaction, buyer_key: str, order_key: str) -> None:
    """Leave an order where its buyer will find it, provided the buyer has not joined meanwhile."""
    key = keys.waiting_order(buyer_key, order_key)
    write.put("waiting", WaitingOrderItem(*key, order_key=order_key))
    write.check("buyer", IdentityItem, keys.buyer(buyer_key), IdentityItem.PK.does_not_exist())


def take_back(write: Transaction, buyer_key: str, order_key: str) -> None:
    """Take back what `leave` left."""
    key = keys.waiting_order(buyer_key, order_key)
    write.delete("waiting", WaitingOrderItem(*key, order_key=order_key))
