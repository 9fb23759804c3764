"""One backend for all tests that need one: the real engines, started once, an empty table each.

Importing this module starts them and sets the environment, because the functions read theirs
when they are imported. The engines end with this process.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from infra.local import cloud
from infra.local.aws_json import AwsJson
from infra.local.engine import ROOT, start_engine
from infra.local.process import stop_all
from infra.local.resolver import REGION, Resolver
from infra.local.standins.server import Server
from infra.local.standins.state import Account, State
from infra.local.storage import fast_db_path
from infra.local.template import load_template
from tests.channels import shopify, wechat_pay_account, wechat_shop_account, youzan

T = TypeVar("T")

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
SOURCE = "shop"
WECHAT_APP_ID = "wxtest"
WECHAT_SECRET = "app-secret-of-the-tests"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
# The corp id, token and AES key of WeCom's published examples.
WECOM = {
    "id": "ww1436e0e65a779aee",
    "secret": "wecom-secret-of-the-tests",
    "token": "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo",
    "aes_key": "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
}
OFFICIAL_ACCOUNT = {
    "id": "wx5823bf96d3bd56c7",
    "secret": "official-account-secret-of-the-tests",
    "token": "QDG6eK",
    "aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
}
SECRETS = {
    "master_key": "0123456789abcdef" * 4,
    "wechat_secret": WECHAT_SECRET,
    "webhooks": {
        **{name: [WEBHOOK_SECRET] for name in (SOURCE, "till", "pay2")},
        "intl": shopify.FIELDS,
        "pay": wechat_pay_account.FIELDS,
        **youzan.SOURCES,
        **wechat_shop_account.SOURCES,
    },
    "wecom": WECOM,
    "official_account": OFFICIAL_ACCOUNT,
}

_logs = Path(tempfile.mkdtemp(prefix="siyu-tests-"))
_template = load_template(ROOT / "template.yaml")
_resolver = Resolver(_template, {})
_engine = start_engine(_logs)
_queue_endpoint, _queue_process = cloud.start_queues(_logs)
_queues = cloud.create_queues(_queue_endpoint, _template, _resolver)
_buckets = cloud.create_buckets(_queue_endpoint, _template, _resolver)
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


standin = State(
    {
        "mini_program": Account(WECHAT_APP_ID, WECHAT_SECRET),
        "official_account": Account(OFFICIAL_ACCOUNT["id"], OFFICIAL_ACCOUNT["secret"]),
        "wecom": Account(WECOM["id"], WECOM["secret"]),
        "shop": Account(wechat_shop_account.APP_ID, wechat_shop_account.SECRET),
    }
)
_server = Server(standin)
Thread(target=_server.serve_forever, name="standins", daemon=True).start()

_table = cloud.create_tables(_engine.endpoint, _template, _resolver)["Table"]
os.environ.update(
    cloud.sdk_environment(_engine.endpoint, _queue_endpoint),
    TABLE_NAME=_table.ref,
    ORDERS_QUEUE_URL=_queues["OrdersQueue"].ref,
    SECRETS_ID="siyu-tests",
    BRAND="brand",
    CURRENCY="CNY",
    WECHAT_API_URL=_server.origin,
    WECHAT_APP_ID=WECHAT_APP_ID,
    WECOM_API_URL=_server.origin,
    CONTACTS_QUEUE_URL=_queues["ContactsQueue"].ref,
    MINI_PROGRAM_PAGE="pages/scan/index",
    PHONE_PROOF="realtime",
    AUDIENCES_BUCKET=_buckets["AudiencesBucket"].ref,
    AUDIENCES_QUEUE_URL=_queues["AudiencesQueue"].ref,
    POWERTOOLS_SERVICE_NAME="tests",
    POWERTOOLS_METRICS_NAMESPACE="siyu",
)


_started = time.monotonic()
ENGINE_SECONDS = 2.0


def fresh_engine() -> bool:
    """A new dynoxide, with an empty table, in the place of one that has worked for a while.

    It walks all tokens of the last ten minutes in every transaction, so its pace falls and falls;
    a new one is there in a twentieth of a second. Leaving the tokens out, as a local run does,
    would test something else than what ships.
    """
    global _engine, _started  # noqa: PLW0603 - one engine for the process
    if _engine.kind != "dynoxide" or time.monotonic() - _started < ENGINE_SECONDS:
        return False
    stop_all([_engine.process])
    port = int(_engine.endpoint.rpartition(":")[2])
    _engine = start_engine(_logs, kind="dynoxide", port=port)
    cloud.create_tables(_engine.endpoint, _template, _resolver)
    _started = time.monotonic()
    return True


def lasting_engine() -> None:
    """A dynoxide for one long run: it keeps its stream in a file, so a write costs the same at the
    end as at the beginning, and nothing takes its place."""
    global _engine, _started  # noqa: PLW0603 - one engine for the process
    if _engine.kind != "dynoxide":
        return
    _started = math.inf
    stop_all([_engine.process])
    port = int(_engine.endpoint.rpartition(":")[2])
    _engine = start_engine(_logs, fast_db_path(_logs), "dynoxide", port)
    cloud.create_tables(_engine.endpoint, _template, _resolver)


def client() -> AwsJson:
    """The engine's, for tests that read much."""
    return _dynamodb


def table_name() -> str:
    return _table.ref


def empty_table() -> None:
    """The table as the template describes it, with nothing in it, and an empty orders queue."""
    if not fresh_engine():
        _dynamodb.call("DeleteTable", TableName=_table.ref)
        cloud.create_tables(_engine.endpoint, _template, _resolver)
    receive()


def forget_login_codes() -> None:
    """Let the stand-in of WeChat and WeCom forget what an earlier test did, and the first wall of
    limits who came."""
    from siyu.services.scan_limits import wall  # noqa: PLC0415 - reads the environment set above

    standin.forget()
    wall._counts.clear()


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
