"""One backend for all tests that need one: the real engines, started once, an empty table each.

Importing this module starts them and sets the environment, because the functions read theirs
when they are imported. The engines end with this process.
"""

from __future__ import annotations

import atexit
import json
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from infra.local import cloud
from infra.local.aws_json import AwsJson
from infra.local.engine import ROOT, start_engine
from infra.local.process import stop_all
from infra.local.resolver import REGION, Resolver
from infra.local.standins.wechat import Sessions, handler_class
from infra.local.template import load_template

T = TypeVar("T")

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
SOURCE = "shop"
WECHAT_APP_ID = "wxtest"
WECHAT_SECRET = "app-secret-of-the-tests"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETS = {
    "master_key": "0123456789abcdef" * 4,
    "wechat_secret": WECHAT_SECRET,
    "webhooks": {SOURCE: [WEBHOOK_SECRET]},
}

_logs = Path(tempfile.mkdtemp(prefix="siyu-tests-"))
_template = load_template(ROOT / "template.yaml")
_resolver = Resolver(_template, {})
_engine = start_engine(_logs)
_queue_endpoint, _queue_process = cloud.start_queues(_logs)
_queues = cloud.create_queues(_queue_endpoint, _template, _resolver)
_dynamodb = AwsJson(_engine.endpoint, "dynamodb", REGION)
_sqs = AwsJson(_queue_endpoint, "sqs", REGION)
_secrets = AwsJson(_queue_endpoint, "secretsmanager", REGION)
_secrets.call(
    "CreateSecret", Name="siyu-tests", SecretString=json.dumps(SECRETS), ClientRequestToken="t" * 32
)


@atexit.register
def _stop() -> None:
    for client in (_dynamodb, _sqs, _secrets):
        client.close()
    stop_all([_engine.process, _queue_process])


_wechat = Sessions(WECHAT_APP_ID, WECHAT_SECRET)


def _wechat_origin() -> str:
    """Start the WeChat stand-in in this process; its thread ends with it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_class(_wechat))
    Thread(target=server.serve_forever, name="wechat", daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


_table = cloud.create_tables(_engine.endpoint, _template, _resolver)["Table"]
os.environ.update(
    cloud.sdk_environment(_engine.endpoint, _queue_endpoint),
    TABLE_NAME=_table.ref,
    ORDERS_QUEUE_URL=_queues["OrdersQueue"].ref,
    SECRETS_ID="siyu-tests",
    BRAND="brand",
    CURRENCY="CNY",
    WECHAT_API_URL=_wechat_origin(),
    WECHAT_APP_ID=WECHAT_APP_ID,
    POWERTOOLS_SERVICE_NAME="tests",
    POWERTOOLS_METRICS_NAMESPACE="siyu",
)


def empty_table() -> None:
    """Delete and create the table, as the template describes it, and empty the orders queue."""
    _dynamodb.call("DeleteTable", TableName=_table.ref)
    cloud.create_tables(_engine.endpoint, _template, _resolver)
    receive()


def forget_login_codes() -> None:
    """Let the WeChat stand-in take codes again that it took in an earlier test."""
    _wechat._used.clear()


def dump() -> dict[tuple[str, str], dict[str, Any]]:
    """Every item of the table, raw."""
    answer = _dynamodb.call("Scan", TableName=_table.ref, ConsistentRead=True)
    assert "LastEvaluatedKey" not in answer, "the table is too large to dump in one page"
    return {(item["PK"]["S"], item["SK"]["S"]): item for item in answer["Items"]}


def kinds() -> dict[str, int]:
    """How many items there are of each kind."""
    counted: dict[str, int] = {}
    for item in dump().values():
        kind = item["kind"]["S"]
        counted[kind] = counted.get(kind, 0) + 1
    return counted


def receive() -> list[str]:
    """Take all messages off the orders queue."""
    url = _queues["OrdersQueue"].ref
    found: list[str] = []
    while True:
        answer = _sqs.call("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10)
        messages = answer.get("Messages", [])
        if not messages:
            return found
        for message in messages:
            found.append(message["Body"])
            _sqs.call("DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def at_once(times: int, work: Callable[[int], T]) -> list[T | Exception]:
    """`work(0)` to `work(times - 1)` at the same time; what each returned or raised."""

    def attempt(number: int) -> T | Exception:
        try:
            return work(number)
        except Exception as error:  # noqa: BLE001 - the test looks at what was raised
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(attempt, range(times)))
