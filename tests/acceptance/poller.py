"""Lambda's poller of the orders queue, over the real queue; time passes when we say so."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from infra.local.queue_poller import sqs_record
from siyu.aws import client
from tests.functions.calls import call
from tests.support import _queues

ORDERS, DEAD = _queues["OrdersQueue"], _queues["OrdersDeadLetterQueue"]
MAX_RECEIVES = 5
BATCH = 10


def poll() -> int:
    """One receive, one call of the worker, one delete for each message that did not fail.

    A message is not hidden while it is worked on, so whatever is not deleted comes with the next
    poll, as if the visibility timeout had passed. Returns how many messages were received.
    """
    sqs, url = client("sqs"), ORDERS.ref
    answer = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=BATCH, VisibilityTimeout=0, AttributeNames=["All"]
    )
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    if not messages:
        return 0
    event = {"Records": [sqs_record(one, ORDERS.attributes["Arn"]) for one in messages]}
    failures = call("order_worker", event)["batchItemFailures"]
    failed = {failure["itemIdentifier"] for failure in failures}
    for message in messages:
        if message["MessageId"] not in failed:
            # AWS says yes to deleting once more what is deleted; the local queue does not.
            with suppress(sqs.exceptions.ReceiptHandleIsInvalid):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return len(messages)


def drain() -> int:
    """Poll until the queue is empty; how many messages were received."""
    received = 0
    while number := poll():
        received += number
    return received


def depth(queue_url: str = ORDERS.ref) -> int:
    """How many messages are in a queue."""
    name = "ApproximateNumberOfMessages"
    answer = client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=[name])
    return int(answer["Attributes"][name])


def send(body: str) -> None:
    client("sqs").send_message(QueueUrl=ORDERS.ref, MessageBody=body)


def take_dead() -> list[str]:
    """Take everything off the dead-letter queue."""
    sqs, bodies = client("sqs"), list[str]()
    while messages := sqs.receive_message(QueueUrl=DEAD.ref).get("Messages", []):
        for message in messages:
            sqs.delete_message(QueueUrl=DEAD.ref, ReceiptHandle=message["ReceiptHandle"])
            bodies.append(message["Body"])
    return bodies


def redrive() -> int:
    """Send what the dead-letter queue holds back to its queue, as an operator does."""
    bodies = take_dead()
    for body in bodies:
        send(body)
    return len(bodies)
