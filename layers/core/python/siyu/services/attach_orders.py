"""Give a member the orders they made before anyone knew who they were."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from siyu.domain.orders import Lead, Order
from siyu.domain.sales import with_part
from siyu.services.record_order import moved
from siyu.storage import attaching, figures, members, orders, waiting_orders
from siyu.storage.figures import Lineage
from siyu.storage.members import Identity
from siyu.storage.order_items import buyers_of, lead_by, put_order
from siyu.storage.orders import Standing, sale_key
from siyu.storage.transaction import Transaction, retrying

ORDERS_AT_ONCE = 40
# An order that tells of a sale is written with it, and with the figures of who had the sale.
TELLINGS_AT_ONCE = 15


def attach_waiting(identity: Identity, member_id: str) -> int:
    """Attach every order that waits for this buyer; returns how many. Safe to repeat.

    Nothing is attached once the identity does not lead to the member any more, however late this is
    asked for.
    """
    waiting = list(waiting_orders.of_buyer(identity))
    return sum(
        attach(waiting[start : start + ORDERS_AT_ONCE], member_id, waits_at=identity)
        for start in range(0, len(waiting), ORDERS_AT_ONCE)
    )


def adopt_waiting(identity: Identity, member_id: str) -> int:
    """The same for an identity that leads to nobody any more, because its member was forgotten."""
    waiting = list(waiting_orders.of_buyer(identity))
    return sum(
        retrying(partial(_attach, [order_key], member_id, identity, check=False))
        for order_key in waiting
    )


def attach(order_keys: Sequence[str], member_id: str, waits_at: Identity | None = None) -> int:
    """Attach those of 40 orders at most that have no member yet; returns how many. Where they wait
    at no name, the member holds their paper. An order of theirs notes a better name.

    Safe to repeat. Raises ContentionError when it should be tried again.
    """
    return retrying(lambda: _attach(order_keys, member_id, waits_at))


def _attach(
    order_keys: Sequence[str], member_id: str, waits_at: Identity | None, *, check: bool = True
) -> int:
    looked_up = attaching.look_up_for(order_keys, member_id, waits_at if check else None)
    if looked_up is None:
        return 0
    found, lineage = looked_up
    telling = sum(one.order.payment_id is not None for one in found.values())
    if telling and len(found) > TELLINGS_AT_ONCE:
        half = len(order_keys) // 2
        parts = (order_keys[:half], order_keys[half:])
        return sum(_attach(part, member_id, waits_at, check=check) for part in parts)
    leads = {key: _lead(one.order, member_id, waits_at) for key, one in found.items()}
    attached = [key for key, one in found.items() if one.order.member_id is None]
    better = [
        key
        for key, one in found.items()
        if one.order.member_id == member_id and leads[key] < one.order.lead
    ]
    books = _Books.open(found, member_id, lineage) if attached or better else None
    write = Transaction()
    if check and waits_at:
        members.check_owner(write, waits_at, member_id)
    for order_key, standing in found.items():
        # What waits elsewhere too is taken back there, when that identity leads to somebody.
        for buyer in [waits_at] if waits_at else buyers_of(standing.order):
            waiting_orders.take_back(write, buyer, order_key)
    if books is not None:
        for order_key in (*attached, *better):
            books.give(write, order_key, found[order_key], leads[order_key])
        books.close(write)
    write.commit()
    return len(attached)


def _lead(order: Order, member_id: str, waits_at: Identity | None) -> Lead:
    """What leads from an order to a member: the name where it waits, or the paper they hold, unless
    the order names them as well, which they may have proven by the same scan."""
    if waits_at:
        return lead_by(waits_at[0])
    names = [name for name in buyers_of(order) if lead_by(name[0]) is Lead.WECHAT]
    theirs = any(owner == member_id for owner, _ in members.owners(names).values())
    return Lead.WECHAT if theirs else Lead.PAPER


@dataclass(slots=True)
class _Books:
    """What counts, orders and sales, as it becomes while orders are given to a member."""

    member_id: str
    lineages: Mapping[str, Lineage]
    sales: Mapping[str, Standing]
    after: dict[str, Order] = field(default_factory=dict)
    exchanges: list[figures.Exchange] = field(default_factory=list)

    @classmethod
    def open(cls, found: Mapping[str, Standing], member_id: str, lineage: Lineage) -> "_Books":
        """With the sales that the orders tell of, and the figures of whom they belong to."""
        payments = {one.order.payment_id for one in found.values()}
        sales = orders.find(sale_key(payment) for payment in payments if payment is not None)
        sellers = {one.order.member_id for one in sales.values()} - {None, member_id}
        others = figures.get_many({seller for seller in sellers if seller is not None})
        return cls(member_id, {**others, member_id: lineage}, sales)

    def give(self, write: Transaction, order_key: str, standing: Standing, lead: Lead) -> None:
        """Give an order to the member, by what leads to them."""
        mine = replace(standing.order, member_id=self.member_id, lead=lead)
        put_order(write, mine, standing.version + 1)
        if mine.payment_id is None:
            self.exchanges += moved(standing.order, mine, self._lineage)
            return
        key = sale_key(mine.payment_id)
        self.after[key] = with_part(self.after.get(key, self.sales[key].order), order_key, mine)
        # Also when somebody else has the sale: whoever forgets this member has to see the order.
        self.exchanges.append((self.lineages[self.member_id], None, None))

    def close(self, write: Transaction) -> None:
        """Write the sales, each once, and everybody's figures."""
        for key, sale in self.after.items():
            before = self.sales[key]
            put_order(write, sale, before.version + 1)
            self.exchanges += moved(before.order, sale, self._lineage)
        figures.exchange(write, self.exchanges)

    def _lineage(self, member_id: str | None) -> Lineage:
        return self.lineages[member_id] if member_id is not None else ()
