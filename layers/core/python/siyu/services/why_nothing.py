"""Why an order earned what it earned, and if it earned nothing, why not."""

from collections.abc import Sequence
from dataclasses import dataclass

from siyu.domain.orders import Order
from siyu.domain.referrals import Obstacle, demand_of, obstacles_of
from siyu.errors import NotFoundError
from siyu.services.explain_credit import Explained, explained
from siyu.storage import bindings, credit_items, orders, programmes


@dataclass(frozen=True, slots=True)
class Told:
    """An order with its credit, if it has one. `obstacles` is why the rules give nothing for it,
    apart from refunds and from what was decided about its credit; `counted_in` the sale that the
    order is counted in, which may have earned something."""

    order_key: str
    explained: Explained | None = None
    obstacles: Sequence[Obstacle] = ()
    counted_in: str | None = None


def why(order_key: str) -> Told:
    """What `explain_credit` takes, and a few round trips for an order that earned nothing. Raises
    NotFoundError for an order that nobody told of."""
    order, credit = credit_items.look_up([order_key])[order_key]
    if order is None:
        raise NotFoundError("no such order")
    if credit is None:
        # The table's stream brings credits in its own time.
        obstacles = _obstacles(order) or [Obstacle.UNSETTLED]
        return Told(order_key, None, obstacles, _sale_of(order))
    told = explained(order_key, order, credit)
    if credit.kept_minor > 0 or credit.blocked or order.net_minor <= 0:
        return Told(order_key, told)
    return Told(order_key, told, _obstacles(order), _sale_of(order))


def _obstacles(order: Order) -> list[Obstacle]:
    if order.paid is None:
        return [Obstacle.NOT_PAID]
    if order.payment_id is not None:
        return [Obstacle.IN_SALE]
    if order.member_id is None:
        return [Obstacle.NO_MEMBER]
    binding = bindings.of([order.member_id]).get(order.member_id)
    if binding is None:
        return [Obstacle.NOBODY]
    programme = programmes.load().in_force(order.paid.rules_at)
    # What tells why is loaded for the few orders that earned nothing.
    from siyu.services.vet_referral import purchases_of, tellers_of  # noqa: PLC0415

    purchases = purchases_of(order, tellers_of(order), programme)
    found = obstacles_of(order, binding, programme, purchases)
    worth = demand_of(order, binding, programme, purchases)
    return found if found or worth else [Obstacle.NO_WORTH]


def _sale_of(order: Order) -> str | None:
    return orders.sale_key(order.payment_id) if order.payment_id is not None else None
