"""Let the adapter of a source say what happened, as canonical events."""

from collections.abc import Sequence

from siyu.channels import registry
from siyu.channels.contract import Delivery, Event
from siyu.errors import NotConfiguredError, UnprocessableEventError
from siyu.secrets import STANDARD, secrets

# Kinds whose deliveries hold one event, always the same: their ids name it.
SINGLE = frozenset({STANDARD})


def open_delivery(delivery: Delivery) -> tuple[str, Sequence[Event]]:
    """The kind of its source, and the canonical events of a delivery, perhaps none.

    Raises UnprocessableEventError, UnavailableError.
    """
    source = secrets().webhooks.get(delivery.source)
    if source is None:
        raise UnprocessableEventError("unknown_source", "the source is not configured any more")
    try:
        return source.kind, registry.adapter(source.kind).read(delivery, source)
    except NotConfiguredError as error:
        raise UnprocessableEventError("not_configured", str(error)) from None
