"""What tests of callbacks say a lot: WeCom or WeChat tell us this, signed and encrypted."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.local.http_events import Request, Routes, build_event
from infra.local.template import functions
from siyu.aws import client
from siyu.runtime import metrics
from siyu.secrets import Account
from siyu.settings import settings
from siyu.wechat.callback import encrypt, signature
from tests import support
from tests.functions.calls import Event
from tests.support import NOW
from tests.template.reading import template

ROUTES = Routes(functions(template()).values())
WECOM_PATH, WECHAT_PATH = "/v1/wecom/callback", "/v1/wechat/callback"


def account(fields: dict[str, str]) -> Account:
    return Account(fields["id"], fields["secret"], fields["token"], fields["aes_key"])


WECOM, OFFICIAL_ACCOUNT = account(support.WECOM), account(support.OFFICIAL_ACCOUNT)


def http(method: str, path: str, query: dict[str, str], body: bytes, at: datetime) -> Event:
    """The event of the gateway; `at` is when it took the request in."""
    match = ROUTES.find(method, path)
    assert match is not None
    sent = [("content-type", "text/xml"), ("user-agent", "Mozilla/4.0")]
    milliseconds = int(at.timestamp() * 1000)
    asked = urlencode(query)
    return build_event(Request(method, path, asked, sent, body, "192.0.2.7", milliseconds), match)


def get(query: dict[str, str], path: str = WECOM_PATH, at: datetime = NOW) -> Event:
    return http("GET", path, query, b"", at)


def post(
    fields: dict[str, str], path: str = WECOM_PATH, at: datetime = NOW, receive_id: str = ""
) -> Event:
    """An event as it is sent to that path, perhaps encrypted for somebody else."""
    to = WECOM if path == WECOM_PATH else OFFICIAL_ACCOUNT
    encrypted = encrypt(to.aes_key, receive_id or to.account_id, xml(fields))
    return http("POST", path, signed(to, encrypted, at), envelope(encrypted), at)


def signed(to: Account, encrypted: str, at: datetime, nonce: str = "1597212914") -> dict[str, str]:
    """The query that goes with an encrypted text."""
    stamp = str(int(at.timestamp()))
    made = signature(to.token, stamp, nonce, encrypted)
    return {"msg_signature": made, "timestamp": stamp, "nonce": nonce}


def envelope(encrypted: str) -> bytes:
    return xml({"ToUserName": "us", "Encrypt": encrypted, "AgentID": ""})


def xml(fields: dict[str, str]) -> bytes:
    rows = "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in fields.items())
    return f"<xml>{rows}</xml>".encode()


def contact(change: str, external_id: str, at: datetime = NOW, **more: str) -> dict[str, str]:
    """A change of WeCom's contacts."""
    return {
        "ToUserName": WECOM.account_id,
        "FromUserName": "sys",
        "CreateTime": str(int(at.timestamp())),
        "MsgType": "event",
        "Event": "change_external_contact",
        "ChangeType": change,
        "UserID": "li",
        "ExternalUserID": external_id,
        **more,
    }


def friend(external_id: str = "wm-ann", at: datetime = NOW, **more: str) -> dict[str, str]:
    return contact("add_external_contact", external_id, at, **more)


def follower(
    event: str, openid: str = "fan~ann", key: str = "", at: datetime = NOW
) -> dict[str, str]:
    """An event of the official account."""
    return {
        "ToUserName": "gh_123456789abc",
        "FromUserName": openid,
        "CreateTime": str(int(at.timestamp())),
        "MsgType": "event",
        "Event": event,
        "EventKey": key,
    }


def queued(fields: dict[str, str], name: str = "wecom", at: datetime = NOW) -> str:
    """The receiver's message about an event."""
    to = WECOM if name == "wecom" else OFFICIAL_ACCOUNT
    encrypted = encrypt(to.aes_key, to.account_id, xml(fields))
    return json.dumps({"account": name, "received_at": at.isoformat(), "encrypted": encrypted})


def received() -> list[str]:
    """Take all messages off the contacts queue."""
    sqs, url = client("sqs"), settings().contacts_queue_url
    found: list[str] = []
    while True:
        answer: dict[str, Any] = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        if not answer.get("Messages"):
            return found
        for message in answer["Messages"]:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def print_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let functions print their metrics, as on Lambda, from now on."""
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")
    metrics.clear_metrics()


def counted(printed: str) -> dict[str, float]:
    """The metrics in what a function printed."""
    sums: dict[str, float] = {}
    for row in printed.splitlines():
        if row.startswith('{"_aws"'):
            fields = json.loads(row)
            for metric in fields["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                name = metric["Name"]
                sums[name] = sums.get(name, 0) + sum(fields[name])
    return sums
