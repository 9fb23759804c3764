"""The queues between those who take messages in and the workers."""

from botocore.exceptions import BotoCoreError, ClientError

from siyu.aws import client
from siyu.errors import UnavailableError
from siyu.runtime import logger
from siyu.settings import settings


def send(message: str) -> None:
    """Put one message on the orders queue. Raises UnavailableError when it is not accepted."""
    _send(settings().orders_queue_url, message)


def send_contact(message: str) -> None:
    """Put one message on the contacts queue. Raises UnavailableError when it is not accepted."""
    _send(settings().contacts_queue_url, message)


def _send(queue_url: str, message: str) -> None:
    try:
        client("sqs").send_message(QueueUrl=queue_url, MessageBody=message)
    except (BotoCoreError, ClientError) as error:
        # The caller is told to come again; for us it is an error, because nobody gets through.
        logger.error("queue_unavailable", cause=type(error).__name__)
        raise UnavailableError("the queue did not take the message") from error
