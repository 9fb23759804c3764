"""Why a credit stands as it does: what it was computed from, to the unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.domain.credits import Credit
from siyu.domain.ledger import Entry
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme
from siyu.domain.referrals import shares, target_of
from siyu.domain.sales import counted_keys
from siyu.errors import NotFoundError
from siyu.storage import credit_items, ledger, orders, programmes


@dataclass(frozen=True, slots=True)
class Back:
    """Money that went back, and the part of the credit that went with it. `refund_id` is None for
    what no refund names: an order was cancelled, or another source knows of more."""

    order_key: str
    refund_id: str | None
    refunded_minor: int
    share_minor: int = 0


@dataclass(frozen=True, slots=True)
class Explained:
    """A credit with its order, its rules and its entries. The shares of `backs` and
    `otherwise_minor` together are what was taken back of it."""

    credit: Credit
    order: Order
    programme: Programme
    backs: Sequence[Back]
    entries: Sequence[tuple[Entry, datetime]]

    @property
    def otherwise_minor(self) -> int:
        """What was taken back for another reason than a refund: the credit is blocked."""
        return self.credit.reversed_minor - sum(back.share_minor for back in self.backs)


def explain_credit(order_key: str) -> Explained:
    """Four round trips, one more where several orders tell of a sale. Raises NotFoundError."""
    order, credit = credit_items.look_up([order_key])[order_key]
    if order is None or credit is None:
        raise NotFoundError("no such credit")
    return Explained(
        credit,
        order,
        programmes.load().named(credit.programme),
        _shared(credit, order, _backs(order_key, order)),
        ledger.entries_about(credit.referrer_id, order_key),
    )


def _backs(order_key: str, order: Order) -> list[Back]:
    """The refunds that the best source of a sale tells of, and what is left over."""
    tellers = {order_key: order}
    if order.parts:
        found = orders.find(counted_keys(order.parts))
        tellers = {key: standing.order for key, standing in found.items()}
    backs = [
        Back(key, refund_id, amount)
        for key, one in sorted(tellers.items())
        for refund_id, amount in sorted(one.refunds.items())
    ]
    rest = order.given_back_minor - sum(back.refunded_minor for back in backs)
    return [*backs, Back(order_key, None, rest)] if rest > 0 else backs


def _shared(credit: Credit, order: Order, backs: list[Back]) -> list[Back]:
    """What refunds took of a credit, divided by their amounts."""
    worth = min(credit.earned_minor, credit.granted_minor or credit.earned_minor)
    taken = min(credit.reversed_minor, target_of(order, worth).reversed_minor)
    divided = shares(taken, {f"{at:06d}": back.refunded_minor for at, back in enumerate(backs)})
    return [
        Back(back.order_key, back.refund_id, back.refunded_minor, divided[f"{at:06d}"])
        for at, back in enumerate(backs)
    ]
