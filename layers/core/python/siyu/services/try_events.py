"""What recording the events of a message would change: read, planned, and nothing written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from siyu.domain.order_facts import Paid
from siyu.domain.orders import Order
from siyu.errors import UnprocessableEventError
from siyu.services.order_events import REFUSED, OrderEvent, Told
from siyu.services.order_lookup import Ahead, read_ahead
from siyu.services.record_order import Outcome, plan_order
from siyu.storage import keys
from siyu.storage.order_events import Seen
from siyu.storage.orders import Standing, sale_key


@dataclass(frozen=True, slots=True)
class Tried:
    """What one event would come to: recorded, duplicate or refused. Amounts are minor units.

    `net` is that of the order as its source tells it. `counted` is what adds to a member's figures:
    the order's net, or that of the sale it tells of; 0 while no sale is known.
    """

    order_key: str
    outcome: str
    net_before_minor: int
    net_after_minor: int
    counted_before_minor: int
    counted_after_minor: int
    member_known: bool
    reason: str | None = None
    detail: str | None = None


def try_events(told: Sequence[Told]) -> list[Tried]:
    """What recording the events of one message, one after another, would change."""
    rehearsal = _Rehearsal()
    events = [one for one in told if isinstance(one, OrderEvent)]
    ahead = zip(events, read_ahead(events), strict=True)
    tried = [rehearsal.play(event, seen_before) for event, seen_before in ahead]
    return tried + [_none(one) for one in told if isinstance(one, UnprocessableEventError)]


def _none(error: UnprocessableEventError) -> Tried:
    """A part of a message that is no order event."""
    return Tried("", REFUSED, 0, 0, 0, 0, False, error.reason, error.detail)


class _Rehearsal:
    """The orders as they would be: the events of one message often tell of the same."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._facts: dict[tuple[str, str], str] = {}

    def play(self, event: OrderEvent, ahead: Ahead) -> Tried:
        """What the event would change after those before it."""
        ahead = self._moved_on(event, ahead)
        order, counted = ahead.seen.order, _counted(ahead.seen)
        try:
            plan = plan_order(event, ahead)
        except UnprocessableEventError as error:
            return Tried(
                event.order_key,
                REFUSED,
                *(order.net_minor, order.net_minor),
                *(_counts(counted), _counts(counted)),
                member_known=ahead.member_id is not None,
                reason=error.reason,
                detail=error.detail,
            )
        if plan.outcome is Outcome.RECORDED:
            for one in (plan.after, plan.counted):
                self._orders[keys.order_key(one.source, one.order_id)] = one
            self._facts[event.order_key, event.business_key] = event.digest
        return Tried(
            event.order_key,
            plan.outcome.value,
            *(plan.before.net_minor, plan.after.net_minor),
            *(_counts(plan.counted_before), _counts(plan.counted)),
            member_known=plan.counted.member_id is not None,
        )

    def _moved_on(self, event: OrderEvent, ahead: Ahead) -> Ahead:
        seen = ahead.seen
        order = self._orders.get(event.order_key, seen.order)
        told = event.fact.payment_id if isinstance(event.fact, Paid) else None
        payment = told or order.payment_id
        sale = self._orders.get(sale_key(payment)) if payment else None
        seen = replace(
            seen,
            order=order,
            sale=Standing(sale, 0) if sale else seen.sale,
            fact_digest=self._facts.get((event.order_key, event.business_key), seen.fact_digest),
        )
        return replace(ahead, seen=seen, member_id=order.member_id or ahead.member_id)


def _counted(seen: Seen) -> Order:
    return seen.sale.order if seen.sale else seen.order


def _counts(order: Order) -> int:
    contribution = order.contribution
    return contribution.net_minor if contribution else 0
