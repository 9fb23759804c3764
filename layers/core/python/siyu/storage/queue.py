"""The queue between webhook receiver and order worker."""

from siyu.aws import client
from siyu.settings import settings


def send(message: str) -> None:
    """Put one message on the orders queue. Raises the SDK's error when it is not accepted."""
    client("sqs").send_message(QueueUrl=settings().orders_queue_url, MessageBody=message)
