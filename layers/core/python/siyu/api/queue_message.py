"""The message between receiver and worker: the webhook as it came, with when and from whom."""

import base64
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from siyu.api.order_event import read_event
from siyu.channels.contract import Delivery, Event
from siyu.channels.reading import parse
from siyu.errors import NotYetError, UnavailableError, UnprocessableEventError
from siyu.invocation import follow
from siyu.services.open_delivery import SINGLE, open_delivery
from siyu.services.order_events import OrderEvent, Told

# A body is 256 kB at most; what unpacks to more was not packed by the receiver.
MAX_UNPACKED_BYTES = 512 * 1024


class QueueMessage(BaseModel):
    # The limits of the receiver: a key that is too long would fail the read of a whole batch.
    source: str = Field(max_length=32)
    delivery_id: str = Field(max_length=128)
    topic: str = Field(default="", max_length=128)
    received_at: AwareDatetime
    # Whether the body is a canonical event, fetched by us, and not as its sender wrote it.
    canonical: bool = False
    body: str | None = None
    packed: str | None = None

    def text(self) -> str:
        """The webhook's body. Raises UnprocessableEventError."""
        if self.body is not None:
            return self.body
        try:
            unpack = zlib.decompressobj()
            found = unpack.decompress(base64.b64decode(self.packed or ""), MAX_UNPACKED_BYTES)
            text = found.decode() if unpack.eof else None
        except (ValueError, zlib.error):
            text = None
        if text is None:
            raise UnprocessableEventError("not_a_message", "the body is broken, or too long")
        return text


def read_messages(
    records: Iterable[Mapping[str, Any]],
) -> tuple[dict[str, list[Told]], dict[str, Exception]]:
    """What some SQS records tell by message id, and what is wrong with the others.

    That may be an UnprocessableEventError, or anything that could pass if it is tried again. A
    sender that had to be asked and was silent is not asked again for the other messages.
    """
    told: dict[str, list[Told]] = {}
    unreadable: dict[str, Exception] = {}
    silent: set[str] = set()
    for record in records:
        follow(record)
        try:
            message = _open(record["body"])
            told[record["messageId"]] = _read(message, silent)
        except Exception as error:  # noqa: BLE001 - one message must not stop the others
            unreadable[record["messageId"]] = error
    follow(None)
    return told, unreadable


def read_message(text: str) -> list[Told]:
    """What a message tells. Raises UnprocessableEventError when none of it is an order event,
    UnavailableError when its sender had to be asked and gave no answer."""
    return _read(_open(text), set())


def _open(text: str) -> QueueMessage:
    try:
        return QueueMessage.model_validate_json(text)
    except ValidationError:
        raise UnprocessableEventError("not_a_message", "the envelope is broken") from None


def _read(message: QueueMessage, silent: set[str]) -> list[Told]:
    if message.source in silent:
        raise UnavailableError("its sender was silent a moment ago")
    delivery = Delivery(
        message.source, message.delivery_id, message.topic, message.received_at, message.text()
    )
    try:
        kind, found = ("", [parse(delivery.body)]) if message.canonical else open_delivery(delivery)
    except UnavailableError as error:
        if not isinstance(error, NotYetError):
            silent.add(message.source)
        raise
    told = [_told(message, one) for one in found]
    wrong = [one for one in told if isinstance(one, UnprocessableEventError)]
    if wrong and len(wrong) == len(told):
        raise wrong[0]
    if kind in SINGLE:
        return told
    # A delivery of several facts gives each a name of its own, which its content decides.
    return [one.named_by_content() if isinstance(one, OrderEvent) else one for one in told]


def _told(message: QueueMessage, content: Event) -> Told:
    try:
        return read_event(message.source, message.delivery_id, message.received_at, content)
    except UnprocessableEventError as error:
        return error
