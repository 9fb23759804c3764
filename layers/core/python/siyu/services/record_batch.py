"""Record the events of several messages: read for all together, write each for itself."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from siyu.errors import UnprocessableEventError
from siyu.runtime import logger
from siyu.services.order_events import OrderEvent
from siyu.services.order_lookup import Ahead, read_ahead
from siyu.services.record_order import Outcome, record_order


def look_ahead(events: Mapping[str, Sequence[OrderEvent]]) -> dict[str, Sequence[Ahead]]:
    """Read for the whole batch; if that fails, each message reads, and fails, for itself."""
    try:
        answers = iter(read_ahead(list(chain.from_iterable(events.values()))))
        return {name: [next(answers) for _ in some] for name, some in events.items()}
    except Exception:  # noqa: BLE001 - whatever it was, it must not fail nine good messages
        logger.exception("read_ahead_failed")
        return {}


def record_all(
    events: Sequence[OrderEvent], ahead: Sequence[Ahead] | None = None
) -> Iterator[Outcome]:
    """Record the events of one message; what came before an error stays recorded.

    All are tried: one that can have no effect keeps no other from having its own. Then the first
    UnprocessableEventError is raised. Raises ContentionError when the message should come again.
    """
    refused: list[UnprocessableEventError] = []
    for number, event in enumerate(events):
        try:
            # Only the first may rely on what was read ahead: they often tell of one order.
            yield record_order(event, ahead[number] if ahead and number == 0 else None)
        except UnprocessableEventError as error:
            refused.append(error)
    if refused:
        raise refused[0]
