"""Orders that wait in the partition of a buyer's identity until it leads to a member."""

from collections.abc import Iterator

from siyu.storage import keys
from siyu.storage.items import WaitingOrderItem
from siyu.storage.member_items import IdentityItem
from siyu.storage.members import Identity
from siyu.storage.reading import partition
from siyu.storage.transaction import Transaction


def of_buyer(identity: Identity) -> Iterator[str]:
    """The keys of the orders that wait for somebody to join."""
    for item in partition(keys.identity_pk(*identity), keys.WAITING_PREFIX):
        if isinstance(item, WaitingOrderItem):
            yield item.order_key


def leave(write: Transaction, identity: Identity, order_key: str) -> None:
    """Leave an order where its buyer will find it, provided the buyer has not joined meanwhile."""
    key = keys.waiting_order(*identity, order_key)
    write.put("waiting", WaitingOrderItem(*key, order_key=order_key))
    absent = IdentityItem.PK.does_not_exist()
    write.check("buyer", IdentityItem, keys.identity(*identity), absent)


def take_back(write: Transaction, identity: Identity, order_key: str) -> None:
    """Take back what `leave` left."""
    key = keys.waiting_order(*identity, order_key)
    write.delete("waiting", WaitingOrderItem(*key, order_key=order_key))
