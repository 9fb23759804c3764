"""The queues between those who take messages in and the workers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from siyu.aws import client, needs
from siyu.errors import UnavailableError
from siyu.invocation import MAX_TRACE_CHARS, TRACE
from siyu.runtime import logger
from siyu.settings import settings
from siyu.storage.backoff import back_off

needs("sqs")

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
BATCH_MESSAGES = 10
# What a batch may have in every region, all its messages together.
BATCH_BYTES = 256 * 1024
ATTEMPTS = 6
# Room for the attribute that takes the id of the work along, which counts as part of a message.
ATTRIBUTE_BYTES = 256


def send(message: str) -> None:
    """Put one message on the orders queue. Raises UnavailableError when it is not accepted."""
    _send(settings().orders_queue_url, message)


def send_contact(message: str) -> None:
    """Put one message on the contacts queue. Raises UnavailableError when it is not accepted."""
    _send(settings().contacts_queue_url, message)


def send_audience(message: str) -> None:
    """Put one message on the audiences queue. Raises UnavailableError when it is not accepted."""
    _send(settings().audiences_queue_url, message)


def send_many(messages: Sequence[str]) -> None:
    """Put messages of at most 255 kB each on the orders queue, ten a call.

    What a call did not take is sent again, a few times. Raises UnavailableError when some are still
    not accepted; any of the others may have been.
    """
    for batch in _batches(messages):
        waiting = {str(number): message for number, message in enumerate(batch)}
        for attempt in range(ATTEMPTS):
            waiting = _not_taken(waiting)
            if not waiting:
                break
            back_off(attempt)
        else:
            raise UnavailableError("the queue did not take all messages")


def _send(queue_url: str, message: str) -> None:
    try:
        client("sqs").send_message(
            QueueUrl=queue_url, MessageBody=message, MessageAttributes=_attributes()
        )
    except (BotoCoreError, ClientError) as error:
        # The caller is told to come again; for us it is an error, because nobody gets through.
        logger.error("queue_unavailable", cause=type(error).__name__)
        raise UnavailableError("the queue did not take the message") from error


def _attributes() -> dict[str, Any]:
    """What the work that sends is called in the log: whoever takes the message goes on under it."""
    trace = logger.get_correlation_id()
    if not trace:
        return {}
    return {TRACE: {"DataType": "String", "StringValue": trace[:MAX_TRACE_CHARS]}}


def _batches(messages: Sequence[str]) -> Iterator[Sequence[str]]:
    begin = size = 0
    for number, message in enumerate(messages):
        bytes_of_it = len(message.encode()) + ATTRIBUTE_BYTES
        if number > begin and (
            number - begin == BATCH_MESSAGES or size + bytes_of_it > BATCH_BYTES
        ):
            yield messages[begin:number]
            begin, size = number, 0
        size += bytes_of_it
    if begin < len(messages):
        yield messages[begin:]


def _not_taken(waiting: Mapping[str, str]) -> dict[str, str]:
    """Send a batch; which of it, by its names there, was not accepted. Without an answer nobody
    knows, so that is all of it."""
    more = {"MessageAttributes": _attributes()}
    entries = [{"Id": name, "MessageBody": text, **more} for name, text in waiting.items()]
    try:
        answer = client("sqs").send_message_batch(
            QueueUrl=settings().orders_queue_url, Entries=entries
        )
    except (BotoCoreError, ClientError) as error:
        logger.error("queue_unavailable", cause=type(error).__name__)
        return dict(waiting)
    failed = {entry["Id"]: entry for entry in answer.get("Failed", [])}
    if failed:
        logger.error("queue_refused", causes=sorted({one["Code"] for one in failed.values()}))
    return {name: waiting[name] for name in failed}
