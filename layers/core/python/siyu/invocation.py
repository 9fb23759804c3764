"""What every function does around its work: its lines carry one id, and its counts are written.

The id is that of whatever set the work in motion, and goes along with every message that is put on
a queue. Changes of the table carry none: an item looks the same in whatever order things were told.
Followers of its stream name the order or the member instead.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from siyu import counts, start
from siyu.runtime import logger

REQUEST_ID = "x-request-id"
# The message attribute that takes the id over a queue.
TRACE = "trace"
MAX_TRACE_CHARS = 128

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def invoked(handler: Handler) -> Handler:
    """The handler, as Lambda calls it; an HTTP answer names its request in `x-request-id`."""

    @functools.wraps(handler)
    def traced(event: dict[str, Any], context: Any) -> dict[str, Any]:
        trace = trace_of(event)
        logger.set_correlation_id(trace)
        counts.forget()
        try:
            answer = handler(event, context)
        finally:
            counts.write()
        if "requestContext" in event and trace:
            answer["headers"] = {**answer.get("headers", {}), REQUEST_ID: trace}
        return answer

    wrapped: Handler = logger.inject_lambda_context(traced, clear_state=True)
    start.end()
    return wrapped


def trace_of(event: Mapping[str, Any]) -> str | None:
    """The id of a request, of a file that was put, or of a night by the moment or the day it is
    for. None for records, of which each has its own."""
    if "requestContext" in event:
        return _text(event["requestContext"].get("requestId"))
    return _text(event.get("scheduled_for") or event.get("as_of") or event.get("id"))


def follow(record: Mapping[str, Any] | None) -> None:
    """Go on under the id that a record of a queue brought along, or else under its own; None for
    work that is for several."""
    if record is None:
        logger.set_correlation_id(None)
        return
    attribute = record.get("messageAttributes", {}).get(TRACE, {})
    logger.set_correlation_id(_text(attribute.get("stringValue")) or record["messageId"])


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
