"""Why a credit stands as it does: what it was computed from, to the unit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from siyu.domain.credits import Credit
from siyu.domain.ledger import Entry
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme
from siyu.domain.referrals import shares, target_of
from siyu.domain.sales import counted_keys
from siyu.errors import NotFoundError
from siyu.storage import credit_items, ledger, order_events, orders, people, programmes


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
    `otherwise_minor` together are what was taken back of it. `frozen` says that its referrer is
    suspended: none of it is released or spent."""

    credit: Credit
    order: Order
    programme: Programme
    backs: Sequence[Back]
    entries: Sequence[tuple[Entry, datetime]]
    frozen: bool = False

    @property
    def otherwise_minor(self) -> int:
        """What was taken back for another reason than a refund: the credit was refused, or its
        order went to another buyer, became part of a sale, fell under another version of the rules
        or is no first purchase any more. Some of it may have been earned anew since."""
        return self.credit.reversed_minor - sum(back.share_minor for back in self.backs)

    @property
    def beyond_paid_minor(self) -> int:
        """How much more went back than was paid."""
        return max(-self.order.net_minor, 0)


def explain_credit(order_key: str) -> Explained:
    """The two round trips of a look-up, and those of `explained`. Raises NotFoundError."""
    order, credit = credit_items.look_up([order_key])[order_key]
    if order is None or credit is None:
        raise NotFoundError("no such credit")
    return explained(order_key, order, credit)


def explained(order_key: str, order: Order, credit: Credit) -> Explained:
    """Why a credit that was read stands as it does.

    A round trip for the rules, a query for each account of the referrer's and each of the ledger's
    shards; one round trip more for the orders that tell of a sale, and where there are several
    refunds a query for each order that tells of them.
    """
    referrer = people.load(credit.referrer_id)
    return Explained(
        credit,
        order,
        programmes.load().named(credit.programme),
        _shared(credit, order, _backs(order_key, order)),
        ledger.entries_about(credit.referrer_id, order_key),
        referrer is not None and referrer.standing.suspended,
    )


def _backs(order_key: str, order: Order) -> list[Back]:
    """The refunds that the best source of a sale tells of, the earliest first, and what is left
    over."""
    tellers = {order_key: order}
    if order.parts:
        found = orders.find(counted_keys(order.parts))
        tellers = {key: standing.order for key, standing in found.items()}
    backs = [
        Back(key, refund_id, amount)
        for key, one in sorted(tellers.items())
        for refund_id, amount in sorted(one.refunds.items())
    ]
    if len(backs) > 1:
        began = {key: order_events.refunded_at(key) for key, one in tellers.items() if one.refunds}
        backs.sort(key=lambda back: began[back.order_key][back.refund_id or ""])
    rest = order.given_back_minor - sum(back.refunded_minor for back in backs)
    return [*backs, Back(order_key, None, rest)] if rest > 0 else backs


def _shared(credit: Credit, order: Order, backs: list[Back]) -> list[Back]:
    """What refunds took of a credit, each what it took when it came."""
    worth = min(credit.earned_minor, credit.granted_minor or credit.earned_minor)
    taken = min(credit.reversed_minor, target_of(order, worth).reversed_minor)
    amounts = [back.refunded_minor for back in backs]
    divided = shares(taken, worth, order.paid_minor, amounts)
    return [replace(back, share_minor=share) for back, share in zip(backs, divided, strict=True)]
