"""Record the events of several messages: read for all together, write each for itself."""

from collections.abc import Iterator, Mapping, Sequence

from siyu.errors import UnprocessableEventError
from siyu.runtime import logger
from siyu.services.order_events import OrderEvent, Told
from siyu.services.order_lookup import Ahead, read_ahead
from siyu.services.record_order import Outcome, record_order
from siyu.storage import keys


class LookedAhead:
    """What stood about the first event of each message when its batch was read."""

    def __init__(self, found: Mapping[str, Ahead]) -> None:
        self._found = found
        self._written: set[str] = set()

    def of(self, name: str) -> Ahead | None:
        """What stands about a message whose turn it is; None when it has to be read again, because
        an earlier one is about the same order or the same member: its write would only fail."""
        ahead = self._found.get(name)
        if ahead is None or ahead.seen.fact_digest is not None:
            return ahead
        about = _written_with(ahead)
        outdated = not about.isdisjoint(self._written)
        self._written |= about
        return None if outdated else ahead


def look_ahead(messages: Mapping[str, Sequence[Told]]) -> LookedAhead:
    """What stands about the first event of each message, read for the whole batch; if that fails,
    each message reads, and fails, for itself."""
    first = {name: event for name, told in messages.items() if (event := _first(told))}
    try:
        return LookedAhead(dict(zip(first, read_ahead(list(first.values())), strict=True)))
    except Exception:  # noqa: BLE001 - whatever it was, it must not fail nine good messages
        logger.exception("read_ahead_failed")
        return LookedAhead({})


def record_all(told: Sequence[Told], ahead: Ahead | None = None) -> Iterator[Outcome]:
    """Record what one message tells; what came before an error stays recorded.

    All is tried: what can have no effect keeps nothing else from having its own. Then the first
    UnprocessableEventError is raised. Raises ContentionError when the message should come again.
    """
    refused: list[UnprocessableEventError] = []
    for event in told:
        try:
            if isinstance(event, UnprocessableEventError):
                raise event
            # Only the first relies on what was read ahead: a message often tells of one order.
            outcome = record_order(event, ahead if event is _first(told) else None)
            _tell(event, outcome)
            yield outcome
        except UnprocessableEventError as error:
            refused.append(error)
    if refused:
        raise refused[0]


def _tell(event: OrderEvent, outcome: Outcome) -> None:
    """The one line that names both the delivery and its order: by it they lead to each other."""
    logger.info(
        "event_recorded",
        source=event.source,
        delivery_id=event.delivery_id,
        order_key=event.order_key,
        outcome=outcome,
    )


def _written_with(ahead: Ahead) -> set[str]:
    """The names of the order, and of everybody whose figures move with it."""
    order, sale = ahead.seen.order, ahead.seen.sale
    members = {ahead.member_id, order.member_id, sale.order.member_id if sale else None}
    figures = (one.member_id for member_id in members for one in ahead.lineage(member_id))
    return {keys.order_key(order.source, order.order_id), *figures}


def _first(told: Sequence[Told]) -> OrderEvent | None:
    return next((one for one in told if isinstance(one, OrderEvent)), None)
