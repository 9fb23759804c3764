"""The message between receiver and worker: the webhook as it came, with when and from whom."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from siyu.api.order_event import read_event
from siyu.errors import UnprocessableEventError
from siyu.services.record_order import OrderEvent


class QueueMessage(BaseModel):
    # The limits of the receiver: a key that is too long would fail the read of a whole batch.
    source: str = Field(max_length=32)
    delivery_id: str = Field(max_length=128)
    received_at: AwareDatetime
    body: str


def read_messages(
    records: Iterable[Mapping[str, Any]],
) -> tuple[dict[str, OrderEvent], dict[str, UnprocessableEventError]]:
    """The events of some SQS records by message id, and what is wrong with the others."""
    events: dict[str, OrderEvent] = {}
    unreadable: dict[str, UnprocessableEventError] = {}
    for record in records:
        try:
            events[record["messageId"]] = read_message(record["body"])
        except UnprocessableEventError as error:
            unreadable[record["messageId"]] = error
    return events, unreadable


def read_message(text: str) -> OrderEvent:
    """The order event in a message. Raises UnprocessableEventError."""
    try:
        message = QueueMessage.model_validate_json(text)
    except ValidationError:
        raise UnprocessableEventError("not_a_message", "the envelope is broken") from None
    return read_event(message.source, message.delivery_id, message.received_at, message.body)
