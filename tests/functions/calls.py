"""What tests of functions say a lot: take this event, call that function, expect this answer."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from infra.local.engine import ROOT
from infra.local.invoke import Context, load_handler
from siyu.domain.standard_webhooks import sign
from siyu.services.sign_up import SignedUp
from tests.policies import watched
from tests.services.shop import scan
from tests.support import NOW, SOURCE, WEBHOOK_SECRET

EVENTS = ROOT / "events"
ANN, BOB, CAT = "00000000000A1", "00000000000B2", "00000000000C3"
TIMESTAMP = int(NOW.timestamp())

Event = dict[str, Any]


def load(name: str) -> Event:
    """The event `<function>/<case>`."""
    event: Event = json.loads(Path(EVENTS, f"{name}.json").read_text(encoding="utf-8"))
    return event


def call(function: str, event: Event) -> Any:
    """What the function returns, as Lambda would pass it on."""
    with watched(function):
        answer = load_handler(f"{function}.handler.lambda_handler")(event, Context(function, 60))
    # Lambda encodes what it returns; what it cannot encode is an error of the function.
    return json.loads(json.dumps(answer, ensure_ascii=False, allow_nan=False).encode())


def body(answer: Event) -> Any:
    return json.loads(answer["body"])


def refused(answer: Event, status: int, reason: str, **more: Any) -> None:
    """Every refusal has the same shape; a 422 says more, about the fields, and another one if its
    reason has `more` to say."""
    assert answer["statusCode"] == status
    request_id = answer["headers"]["x-request-id"]
    content = {"Content-Type": "application/problem+json", "x-request-id": request_id}
    assert answer["headers"] == content
    said = body(answer)
    assert said.pop("instance") == f"urn:siyu:request:{request_id}"
    assert said["type"] == f"urn:siyu:problem:{reason}"
    assert said["status"] == status
    assert said["title"]
    told = {name: said[name] for name in said.keys() - {"type", "title", "status", "errors"}}
    assert told == more
    assert ("errors" in said) == (status == 422)


def with_body(event: Event, text: str | bytes) -> Event:
    """The event with another body, encoded as the gateway would."""
    if isinstance(text, bytes):
        return {**event, "body": base64.b64encode(text).decode(), "isBase64Encoded": True}
    return {**event, "body": text, "isBase64Encoded": False}


def with_fields(event: Event, **fields: Any) -> Event:
    """The event with some fields of its JSON body changed."""
    return with_body(event, json.dumps({**json.loads(event["body"]), **fields}))


def with_headers(event: Event, **headers: str) -> Event:
    """The event with some headers changed; `_` stands for `-`."""
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return {**event, "headers": {**event["headers"], **changed}}


def with_path(event: Event, path: str) -> Event:
    context = event["requestContext"]
    http = {**context["http"], "path": path}
    return {**event, "rawPath": path, "requestContext": {**context, "http": http}}


def signed(
    event: Event,
    content: str | bytes,
    delivery: str = "msg_1",
    at: int = TIMESTAMP,
    secret: str = WEBHOOK_SECRET,
) -> Event:
    """The webhook event with a body and the signature that goes with it."""
    raw = content.encode() if isinstance(content, str) else content
    signature = sign(secret, delivery, at, raw)
    headers = {"webhook_id": delivery, "webhook_timestamp": str(at), "webhook_signature": signature}
    return with_headers(with_body(event, content), **headers)


def queued(text: str, message_id: str = "m1") -> Event:
    """One record of a batch from the orders queue."""
    return {
        "messageId": message_id,
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(TIMESTAMP * 1000),
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": str(TIMESTAMP * 1000 + 5),
        },
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:siyu-OrdersQueue",
        "awsRegion": "us-east-1",
    }


def message(kind: str, delivery: str, **data: Any) -> str:
    """The receiver's message about an order event."""
    data.setdefault("occurred_at", NOW.isoformat())
    if kind in ("order.paid", "order.refunded"):
        data.setdefault("currency", "CNY")
    return envelope(json.dumps({"type": kind, "data": data}), delivery)


def envelope(text: str, delivery: str = "msg_1") -> str:
    fields = {"source": SOURCE, "delivery_id": delivery, "received_at": NOW.isoformat()}
    return json.dumps({**fields, "body": text})


def batch(*texts: str) -> Event:
    """A batch from the orders queue: messages m1, m2 and so on."""
    return {"Records": [queued(text, f"m{number}") for number, text in enumerate(texts, 1)]}


def join(
    member_id: str, token: str, openid: str, referral: str | None = None, **more: Any
) -> SignedUp:
    """Sign up under a known id, which events on disk can name."""
    with patch("siyu.services.join_member.new_member_id", return_value=member_id):
        outcome = scan(token, openid, referral, **more)
    assert (outcome.member_id, outcome.joined) == (member_id, True)
    return outcome
