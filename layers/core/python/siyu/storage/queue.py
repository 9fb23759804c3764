"""The queues between those who take messages in and the workers."""

from siyu.aws import client
from siyu.settings import settings


def send(message: str) -> None:
    """Put one message on the orders queue. Raises the SDK's error when it is not accepted."""
    _send(settings().orders_queue_url, message)


def send_contact(message: str) -> None:
    """Put one message on the contacts queue. Raises the SDK's error when it is not accepted."""
    _send(settings().contacts_queue_url, message)


def _send(queue_url: str, message: str) -> None:
    client("sqs").send_message(QueueUrl=queue_url, MessageBody=message)
