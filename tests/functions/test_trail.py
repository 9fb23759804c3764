"""One piece of work is followed through all that it sets in motion, by what its log lines name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from infra.local.engine import ROOT
from infra.local.template import load_template
from siyu.invocation import MAX_TRACE_CHARS, follow, trace_of
from siyu.runtime import logger
from siyu.storage import queue
from tests import support
from tests.functions.calls import (
    ANN,
    BOB,
    batch,
    body,
    call,
    join,
    load,
    message,
    queued,
    signed,
    with_headers,
)
from tests.services.shop import door, receipt

Line = dict[str, Any]
REQUEST = "JKJaXmPLvHcESHA="


def asked(event: Line, request_id: str) -> Line:
    return {**event, "requestContext": {**event["requestContext"], "requestId": request_id}}


def lines(output: str) -> list[Line]:
    found = [json.loads(row) for row in output.splitlines() if row.startswith("{")]
    return [row for row in found if "_aws" not in row]


def told(found: Iterable[Line], **fields: str) -> list[str]:
    """Events of the lines that have these fields, in order, with the function that wrote them."""
    return [
        f"{row['function_name']} {row['message']}" for row in found if fields.items() <= row.items()
    ]


def taken() -> Line:
    """The messages of the orders queue as their worker gets them."""
    answer = support._sqs.call(
        "ReceiveMessage",
        QueueUrl=support._queues["OrdersQueue"].ref,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
    )
    records = []
    for number, one in enumerate(answer.get("Messages", []), 1):
        attributes = {
            name: {"stringValue": given["StringValue"], "dataType": given["DataType"]}
            for name, given in one.get("MessageAttributes", {}).items()
        }
        records.append({**queued(one["Body"], f"m{number}"), "messageAttributes": attributes})
    return {"Records": records}


def changed(order_key: str) -> Line:
    """The change of an order, as the table's stream tells it."""
    (image,) = (
        item
        for item in support.dump().values()
        if item["kind"]["S"] == "ORDER" and item["order_key"]["S"] == order_key
    )
    at = int(support.NOW.timestamp())
    detail = {"SequenceNumber": "1", "ApproximateCreationDateTime": at, "NewImage": image}
    return {"Records": [{"eventName": "MODIFY", "dynamodb": detail}]}


def test_an_order_is_followed_from_its_webhook_to_its_credit(output: Callable[[], str]) -> None:
    """By the request's id to the order's key, and by that to the end, and back."""
    ann = join(ANN, door(), "openid-ann")
    join(BOB, receipt(4), "openid-bob", ann.referral_code)
    sale = {
        "type": "order.paid",
        "data": {
            "order_id": "77",
            "paid_minor": 10_000,
            "currency": "CNY",
            "occurred_at": support.NOW.isoformat(),
            "buyer": {"openid": "openid-bob", "app_id": support.WECHAT_APP_ID},
        },
    }
    event = asked(signed(load("order_webhook/paid"), json.dumps(sale), "msg_77"), REQUEST)
    answer = call("order_webhook", event)
    assert (answer["statusCode"], answer["headers"]["x-request-id"]) == (202, REQUEST)
    call("order_worker", taken())
    call("referral_credit", changed("shop#77"))
    found = lines(output())
    assert told(found, correlation_id=REQUEST) == [
        "order_webhook webhook_accepted",
        "order_worker event_recorded",
    ]
    assert told(found, delivery_id="msg_77") == told(found, correlation_id=REQUEST)
    (recorded,) = (row for row in found if row["message"] == "event_recorded")
    assert told(found, order_key=recorded["order_key"]) == [
        "order_worker event_recorded",
        "referral_credit credit_settled",
    ]
    # Nothing about this order is outside of the trail.
    trail = {"webhook_accepted", "event_recorded", "credit_settled"}
    assert {row["message"] for row in found} == trail


def test_what_is_set_aside_is_followed_to_its_request(output: Callable[[], str]) -> None:
    poison = json.dumps({"type": "order.paid", "data": {}})
    call("order_webhook", asked(signed(load("order_webhook/paid"), poison, "msg_1"), REQUEST))
    call("order_worker", taken())
    assert told(lines(output()), correlation_id=REQUEST) == [
        "order_webhook webhook_accepted",
        "order_worker event_quarantined",
    ]


def test_a_message_without_a_trace_goes_by_its_own_id(output: Callable[[], str]) -> None:
    good = message("order.paid", "d1", order_id="1", paid_minor=1)
    call("order_worker", batch(good, message("order.paid", "d2", order_id="2", paid_minor=2)))
    recorded = [row for row in lines(output()) if row["message"] == "event_recorded"]
    assert [row["correlation_id"] for row in recorded] == ["m1", "m2"]


def test_what_a_schedule_fetches_goes_by_the_instant_it_was_due(
    output: Callable[[], str],
) -> None:
    event = load("referral_release/nightly")
    call("referral_release", event)
    (over,) = (row for row in lines(output()) if row["message"] == "credits_released")
    assert over["correlation_id"] == event["scheduled_for"]


def test_a_refusal_names_its_request_in_header_and_body(output: Callable[[], str]) -> None:
    unsigned = with_headers(load("order_webhook/paid"), webhook_signature="v1,x")
    answer = call("order_webhook", asked(unsigned, REQUEST))
    assert answer["headers"]["x-request-id"] == REQUEST
    assert body(answer)["instance"] == f"urn:siyu:request:{REQUEST}"
    assert told(lines(output()), correlation_id=REQUEST) == ["order_webhook request_refused"]


def test_no_id_is_left_over_from_the_call_before(output: Callable[[], str]) -> None:
    call("member_profile", asked(load("member_profile/me"), REQUEST))
    call("referral_credit", {"Records": []})
    assert logger.get_correlation_id() is None
    assert "operator" not in output()


@pytest.mark.parametrize("function", sorted(path.parent.name for path in ROOT.glob("events/*/*")))
def test_every_kind_of_event_has_an_id_unless_its_records_have(function: str) -> None:
    for path in Path(ROOT, "events", function).glob("*.json"):
        event = json.loads(path.read_text(encoding="utf-8"))
        assert bool(trace_of(event)) != ("Records" in event), path


def test_a_trace_takes_no_more_room_on_the_queue_than_is_kept_for_it() -> None:
    follow(queued("x", "m" * 1_000))
    try:
        ((name, attribute),) = queue._attributes().items()
    finally:
        follow(None)
    assert len(attribute["StringValue"]) == MAX_TRACE_CHARS
    size = len(name) + sum(len(text) for text in attribute.values())
    assert size <= queue.ATTRIBUTE_BYTES
    assert queue._attributes() == {}


def test_no_function_is_without_its_id_and_its_counts() -> None:
    functions = [
        resource["Properties"]["Handler"].partition(".")[0]
        for resource in load_template(ROOT / "template.yaml")["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    assert len(functions) >= 30
    for name in functions:
        text = Path(ROOT, "functions", name, "handler.py").read_text(encoding="utf-8")
        assert "@invoked\ndef lambda_handler(" in text, name
