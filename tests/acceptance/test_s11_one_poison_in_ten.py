"""Scenario 11: one poison message in a batch of ten. Nine are done; the poison is set aside at once
with its reason, and somebody is told. A message that fails for reasons of ours is tried five times,
waits in the dead-letter queue, and counts once when it is sent back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from siyu.domain.ledger import Balance
from tests.acceptance.accidents import (
    WRITE,
    Hook,
    first,
    hooked,
    refusal,
    said_in,
    whole_line,
)
from tests.acceptance.orders import (
    BOBS,
    balance,
    figures,
    follow,
    friends,
    logged,
    of_kind,
    posted,
    quarantined,
    webhook,
)
from tests.acceptance.poller import (
    BATCH,
    DEAD,
    MAX_RECEIVES,
    depth,
    drain,
    poll,
    redrive,
    send,
    take_dead,
)
from tests.faults import KilledError
from tests.functions.callbacks import counted, print_metrics
from tests.functions.calls import Event, call
from tests.support import dump, kinds
from tests.template.reading import functions, resources

POISON = "7"
Printed = Callable[[], dict[str, float]]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    """The metrics that were counted since the last look."""
    print_metrics(monkeypatch)
    return lambda: counted(capsys.readouterr().out)


def sale(order_id: str, amount: Any = 10_000) -> Event:
    fields = {"order_id": order_id, "paid_minor": amount, "buyer": BOBS}
    return webhook("order.paid", f"msg-{order_id}", **fields)


def ten(poison: Event | None = None, place: int = 0) -> None:
    """Ten webhooks are accepted; one of them may be poison."""
    events = [sale(str(number)) for number in range(BATCH)]
    if poison:
        events[place] = poison
    for event in events:
        assert call("order_webhook", event)["statusCode"] == 202
    assert depth() == BATCH


def trouble(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What somebody should look at, of what was logged."""
    return [row for row in rows if row["level"] != "INFO"]


POISONS = {
    "no amount": (sale("x", "a lot"), "not_an_order_event"),
    "no event": (posted("[1, 2]", "msg-x"), "not_an_order_event"),
    "foreign money": (
        webhook("order.paid", "msg-x", order_id="x", paid_minor=1, currency="USD"),
        "foreign_currency",
    ),
    "tomorrow's": (
        webhook("order.completed", "msg-x", order_id="x", occurred_at="2026-11-24T00:00:00Z"),
        "from_the_future",
    ),
}


@pytest.mark.parametrize("name", POISONS)
@pytest.mark.parametrize("place", [0, 5, BATCH - 1])
def test_nine_are_done_and_the_poison_is_set_aside_at_once(
    name: str, place: int, printed: Printed
) -> None:
    poison, reason = POISONS[name]
    friends()
    ten(poison, place)
    printed()
    with logged() as rows:
        assert poll() == BATCH
    assert (depth(), depth(DEAD.ref)) == (0, 0)
    assert (kinds()["FACT"], quarantined()) == (9, [reason])
    assert printed().items() >= {("EventRecorded", 9), ("EventQuarantined", 1), ("OrderCounted", 9)}
    (told,) = trouble(rows)
    assert (told["message"], told["reason"]) == ("event_quarantined", reason)
    assert figures() == (9, 90_000)


def test_a_message_that_is_poison_as_a_whole_stops_nobody() -> None:
    """Not even the receiver could have written it; its place in the batch is the first."""
    friends()
    queue = functions()["OrderWorkerFunction"]["Events"]["Orders"]["Properties"]["Queue"]
    assert queue == {"Fn::GetAtt": ["OrdersQueue", "Arn"]}
    with whole_line() as quiet:
        call("order_webhook", sale("1"))
    assert quiet.calls == ["SendMessage"]
    send("no message at all")
    assert poll() == 2
    assert (quarantined(), figures(), depth()) == (["not_a_message"], (1, 10_000), 0)


def alarm(name: str) -> dict[str, Any]:
    found: dict[str, Any] = resources("AWS::CloudWatch::Alarm")[name]["Properties"]
    assert (found["Threshold"], found["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert (found["EvaluationPeriods"], found["TreatMissingData"]) == (1, "notBreaching")
    return found


def test_somebody_is_told_of_the_first_message_that_was_set_aside(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The alarm listens to what the worker really prints, by the template's own environment."""
    told = alarm("QuarantineAlarm")
    variables = functions()["OrderWorkerFunction"]["Environment"]["Variables"]
    assert told["Namespace"] == variables["POWERTOOLS_METRICS_NAMESPACE"]
    named = {"Name": "service", "Value": variables["POWERTOOLS_SERVICE_NAME"]}
    assert (told["Dimensions"], told["Statistic"]) == ([named], "Sum")
    print_metrics(monkeypatch)
    call("order_webhook", POISONS["no event"][0])
    poll()
    assert counted(capsys.readouterr().out)[told["MetricName"]] == 1


def test_somebody_is_told_of_the_first_message_that_gave_up() -> None:
    told = alarm("OrdersDeadLetterAlarm")
    name = {"Fn::GetAtt": ["OrdersDeadLetterQueue", "QueueName"]}
    assert told["Dimensions"] == [{"Name": "QueueName", "Value": name}]
    assert told["Namespace"] == "AWS/SQS"
    assert (told["MetricName"], told["Statistic"]) == (
        "ApproximateNumberOfMessagesVisible",
        "Maximum",
    )
    policy = resources("AWS::SQS::Queue")["OrdersQueue"]["Properties"]["RedrivePolicy"]
    assert policy["deadLetterTargetArn"] == {"Fn::GetAtt": ["OrdersDeadLetterQueue", "Arn"]}
    assert policy["maxReceiveCount"] == MAX_RECEIVES


class NoRight(Hook):
    """Somebody took away the right to write one order."""

    def on(self, operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation == WRITE and f"shop#{POISON}" in said_in(request):
            return refusal(request, "dynamodb", "AccessDeniedException")
        return None


def test_what_fails_for_our_reasons_is_tried_five_times_and_waits_to_be_sent_back() -> None:
    friends()
    ten()
    with hooked(NoRight()), logged() as rows:
        received = [poll() for _ in range(MAX_RECEIVES + 1)]
    assert received == [10, 1, 1, 1, 1, 0]
    assert [row["message"] for row in trouble(rows)] == ["event_failed"] * MAX_RECEIVES
    assert (depth(), depth(DEAD.ref), quarantined()) == (0, 1, [])
    assert figures() == (9, 90_000)
    assert redrive() == 1
    assert drain() == 1
    follow()
    assert (depth(), depth(DEAD.ref)) == (0, 0)
    assert figures() == (10, 100_000)
    assert balance() == Balance(pending_minor=5_000, earned_minor=5_000)


def test_what_gave_up_after_it_had_its_effect_has_no_second_one() -> None:
    """The worker dies each time between writing and telling the queue."""
    friends()
    call("order_webhook", sale("1"))
    for _ in range(MAX_RECEIVES):
        with whole_line(first(["killed before"], "DeleteMessage")), pytest.raises(KilledError):
            poll()
    follow()
    before = dump()
    assert (poll(), depth(DEAD.ref), figures()) == (0, 1, (1, 10_000))
    assert redrive() == 1
    assert drain() == 1
    follow()
    assert dump() == before
    assert (depth(DEAD.ref), len(of_kind("ENTRY"))) == (0, 1)


def test_the_message_in_the_dead_letter_queue_is_the_one_that_was_accepted() -> None:
    friends()
    event = sale(POISON)
    call("order_webhook", event)
    with hooked(NoRight()):
        for _ in range(MAX_RECEIVES + 1):
            poll()
    (body,) = take_dead()
    assert json.loads(body)["body"] == event["body"]
