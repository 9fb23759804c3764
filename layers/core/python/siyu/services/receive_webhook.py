"""Take a webhook in: verify, queue, nothing else. What is accepted is never lost."""

import base64
import json
import re
import zlib

from siyu.channels import registry
from siyu.channels.contract import Accepted, Answer, Request
from siyu.domain.calendar import to_utc
from siyu.errors import (
    NotConfiguredError,
    NotFoundError,
    RefusalError,
    TooLargeError,
    UnavailableError,
    UnknownSourceError,
)
from siyu.runtime import logger
from siyu.secrets import Source, secrets
from siyu.storage import queue

MAX_BODY_BYTES = 256 * 1024
# What a queue takes in every region, less what its attribute takes; a body beyond the first number
# travels compressed.
MAX_PLAIN_BYTES = 64 * 1024
MAX_MESSAGE_BYTES = 256 * 1024 - queue.ATTRIBUTE_BYTES
_SOURCE = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)


def receive_webhook(name: str, request: Request) -> Answer:
    """Queue an authentic webhook as it came, and give the answer that its sender expects.

    Raises UnknownSourceError, TooLargeError, SignatureError, MalformedError, UnreadableBodyError,
    UnavailableError; whatever is raised, it was not accepted and the sender has to send it again.
    """
    source = _source(name)
    if len(request.body) > MAX_BODY_BYTES:
        raise TooLargeError(f"a body may have {MAX_BODY_BYTES} bytes")
    try:
        adapter = registry.adapter(source.kind)
        accepted = adapter.receive(request, source)
        if accepted is not None:
            queue.send(_message(source, request, accepted))
            logger.info("webhook_accepted", source=source.name, delivery_id=accepted.delivery_id)
    except NotConfiguredError as error:
        # It may be right in a moment, and until then nobody's event is lost.
        logger.error("source_not_configured", source=source.name, cause=str(error))
        raise UnavailableError("the source is not configured") from None
    except RefusalError as error:
        if refusing := registry.refusing(source.kind):
            error.more = refusing.refusal(error)
        raise
    return adapter.ACCEPTED


def check_address(name: str, request: Request) -> Answer:
    """What to answer when a sender checks our address before it uses it.

    Raises UnknownSourceError, SignatureError; NotFoundError for a source whose sender does not.
    """
    source = _source(name)
    checked = registry.checked(source.kind)
    if checked is None:
        raise NotFoundError("this source checks no address")
    return checked.check(request, source)


def _source(name: str) -> Source:
    source = secrets().webhooks.get(name) if _SOURCE.fullmatch(name) else None
    if source is None:
        raise UnknownSourceError("no such source")
    return source


def _message(source: Source, request: Request, accepted: Accepted) -> str:
    fields = {
        "source": source.name,
        "delivery_id": accepted.delivery_id,
        "topic": accepted.topic,
        "received_at": to_utc(request.now).isoformat(),
    }
    plain = json.dumps({**fields, "body": request.body.decode()})  # in ASCII: SQS takes no U+FFFF
    if len(plain) <= MAX_PLAIN_BYTES:
        return plain
    packed = base64.b64encode(zlib.compress(request.body)).decode()
    message = json.dumps({**fields, "packed": packed})
    if len(message) > MAX_MESSAGE_BYTES:
        raise TooLargeError(f"a message may have {MAX_MESSAGE_BYTES} bytes")
    return message
