"""Scenario 12: the function behind the table's stream fails on one record. Lambda retries as the
template says, the others flow, and the record ends in the failure queue, where it is not lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from infra.local import stream_delivery
from infra.local.aws_json import AwsJson
from infra.local.metering import Units
from infra.local.progress import Progress
from infra.local.resolver import REGION
from infra.local.sources import Planner
from infra.local.stream_delivery import Delivery, sequence
from infra.local.template import functions
from siyu.aws import client
from siyu.domain.ledger import Balance
from tests.acceptance.accidents import WRITE, Hook, hooked, refusal, said_in
from tests.acceptance.orders import (
    DONE,
    balance,
    follow,
    friends,
    logged,
    of_kind,
    paid,
    stream_of,
    work,
)
from tests.functions.calls import Event, call
from tests.support import _queues, _table
from tests.template.reading import template

ORDERS, POISON = 8, 3
FUNCTION = "ReferralCreditFunction"
FAILED = _queues["FollowUpDeadLetterQueue"]
TEN_MINUTES = 600.0


def orders() -> list[Event]:
    """The stream's records of eight orders of Bob's, in order."""
    friends()
    for number in range(ORDERS):
        assert work(paid(f"d{number}", str(number))) == []
    records = stream_of(FUNCTION)["Records"]
    return sorted(records, key=lambda one: str(one["dynamodb"]["NewImage"]["order_key"]["S"]))


class Mapping:
    """The function's mapping as the template has it, with its real failure queue."""

    def __init__(self, path: Path) -> None:
        known = {"Table": _table, "FollowUpDeadLetterQueue": FAILED}
        plan = Planner(path, client("sqs").meta.endpoint_url, "", known)
        (source,) = plan.plan({FUNCTION: functions(template())[FUNCTION]})
        self.retries = source.stream_mapping().max_retries
        self.calls: list[list[str]] = []
        self.progress = Progress(path / "status.json", Units)
        self._queues = AwsJson(source.queue_endpoint, "sqs", REGION)
        stop = threading.Event()
        self._delivery = Delivery(source, self._queues, self._invoke, self.progress, stop)

    def deliver(self, records: list[Event]) -> None:
        self._delivery.deliver("shard", records)

    def _invoke(self, records: list[Event]) -> Any:
        self.calls.append([sequence(record) for record in records])
        return call("referral_credit", {"Records": records})

    def close(self) -> None:
        self._queues.close()


@pytest.fixture
def mapping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping]:
    monkeypatch.setattr(stream_delivery, "FIRST_PAUSE", 0.0)
    failed()
    made = Mapping(tmp_path)
    yield made
    made.close()


def failed() -> list[Event]:
    """Take everything off the failure queue."""
    sqs, found = client("sqs"), list[Event]()
    while messages := sqs.receive_message(QueueUrl=FAILED.ref).get("Messages", []):
        for message in messages:
            sqs.delete_message(QueueUrl=FAILED.ref, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
    return found


def credited() -> list[str]:
    return sorted(item["order_key"]["S"] for item in of_kind("CREDIT"))


def all_but(number: int) -> list[str]:
    return [f"shop#{one}" for one in range(ORDERS) if one != number]


class Refuses(Hook):
    """No write about one order gets through."""

    def on(self, operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation == WRITE and f'"shop#{POISON}"' in said_in(request):
            return refusal(request, "dynamodb", "ValidationException")
        return None


def test_what_cannot_be_written_holds_nobody_up_and_ends_in_the_failure_queue(
    mapping: Mapping,
) -> None:
    records = orders()
    with hooked(Refuses()), logged() as rows:
        mapping.deliver(records)
    assert credited() == all_but(POISON)
    assert balance().pending_minor == (ORDERS - 1) * 500
    failures = [row["message"] for row in rows if row["level"] != "INFO"]
    assert failures == ["stream_change_failed"] * (mapping.retries + 1)
    numbers = [sequence(record) for record in records]
    # The others were followed in the first call; retries begin at the one that failed.
    assert mapping.calls == [numbers, *[numbers[POISON:]] * mapping.retries]
    (told,) = failed()
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    batch = told["DDBStreamBatchInfo"]
    assert batch["startSequenceNumber"] == numbers[POISON]
    assert batch["endSequenceNumber"] == numbers[-1]


def test_it_is_not_lost_and_counts_once_when_it_is_sent_again(mapping: Mapping) -> None:
    """The message names the records; they, or any later change of the order, do the rest."""
    records = orders()
    with hooked(Refuses()):
        mapping.deliver(records)
    batch = failed()[0]["DDBStreamBatchInfo"]
    first, last = int(batch["startSequenceNumber"]), int(batch["endSequenceNumber"])
    again = [record for record in records if first <= int(sequence(record)) <= last]
    for _ in range(2):
        assert call("referral_credit", {"Records": again}) == DONE
    follow()
    assert balance() == Balance(pending_minor=ORDERS * 500, earned_minor=ORDERS * 500)
    assert len(of_kind("ENTRY")) == ORDERS


def spoiled(records: list[Event]) -> list[Event]:
    """One record lacks what every order has, so that the function cannot even read the batch."""
    bad = json.loads(json.dumps(records))
    del bad[POISON]["dynamodb"]["NewImage"]["order_key"]
    return list(bad)


def test_a_record_that_breaks_the_whole_call_is_found_by_halving(mapping: Mapping) -> None:
    records = spoiled(orders())
    mapping.deliver(records)
    assert credited() == all_but(POISON)
    assert (mapping.progress.status.processed, mapping.progress.status.failed) == (7, 1)
    numbers = [sequence(record) for record in records]
    alone = [one for one in mapping.calls if one == [numbers[POISON]]]
    assert len(alone) == mapping.retries + 1
    (told,) = failed()
    batch = told["DDBStreamBatchInfo"]
    assert batch["startSequenceNumber"] == batch["endSequenceNumber"] == numbers[POISON]
    assert batch["batchSize"] == 1
    assert told["responseContext"]["functionError"] == "Unhandled"


def test_the_template_gives_up_in_time_and_says_where() -> None:
    """Even if every try took the function's whole time, ten minutes would do."""
    planned = functions(template())[FUNCTION]
    (stream,) = planned.streams
    assert stream.partial_failures
    assert stream.bisect
    assert stream.on_failure == "FollowUpDeadLetterQueue"
    assert stream.max_retries > 0
    tries = stream.max_retries + 1
    assert tries * (planned.timeout + stream_delivery.LONGEST_PAUSE) + stream.window < TEN_MINUTES
