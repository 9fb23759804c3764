"""Any system of the brand's own: canonical events, signed as Standard Webhooks prescribe.

Configured as a list of secrets, newest first, or as {"kind": "standard", "secrets": [...]}.
"""

from collections.abc import Sequence

from siyu.channels.contract import Accepted, Answer, Delivery, Event, Request
from siyu.channels.reading import NOT_UNDERSTOOD, parse, require_json
from siyu.domain.standard_webhooks import verify
from siyu.errors import NotConfiguredError, UnprocessableEventError
from siyu.secrets import Source

ACCEPTED = Answer(202, body='{"status":"accepted"}')


def receive(request: Request, source: Source) -> Accepted:
    try:
        delivery_id = verify(request.headers, request.body, source.secrets, request.now)
    except ValueError as error:
        raise NotConfiguredError(f"source {source.name}: {error}") from None
    require_json(request.body)
    return Accepted(delivery_id)


def read(delivery: Delivery, source: Source) -> Sequence[Event]:  # noqa: ARG001 - every adapter's
    event = parse(delivery.body)
    if not isinstance(event, dict):
        raise UnprocessableEventError(NOT_UNDERSTOOD, "not an object")
    return [event]
