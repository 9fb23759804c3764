"""What AWS would refuse: what a handler sends, held against its own policy in template.yaml.

No engine of a laptop enforces policies, so a missing right or too narrow a condition would first
show in production. `watched` notes what a function asks for and fails when it may not.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from botocore.httpsession import URLLib3Session

from tests.template.reading import functions

KEYS = "dynamodb:LeadingKeys"
WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
WRITES["ConditionCheck"] = "ConditionCheckItem"
SERVICES = {
    "DynamoDB_20120810": "dynamodb",
    "AmazonSQS": "sqs",
    "secretsmanager": "secretsmanager",
    "AWSStepFunctions": "states",
}
RESOURCES = {"secretsmanager": "Secrets", "states": "SegmentNightMachine"}


@dataclass(frozen=True)
class Asked:
    """One thing a request wants to do: what policies are about."""

    action: str
    resource: str
    keys: frozenset[str] = frozenset()


@cache
def statements(function: str) -> list[dict[str, Any]]:
    """The statements of a function's own policies, by its package name."""
    logical = "".join(word.title() for word in function.split("_")) + "Function"
    policies = functions()[logical].get("Policies", [])
    return [one for policy in policies for one in policy["Statement"]]


def named(node: Any) -> str:
    """The resource of a statement, by logical id: `Table`, `Table/index/GSI1`, `OrdersQueue`."""
    ((kind, value),) = node.items()
    if kind == "Fn::GetAtt":
        return str(value[0])
    return re.sub(r"\$\{(\w+)\.Arn\}", r"\1", str(value))


def listed(node: Any) -> list[Any]:
    return node if isinstance(node, list) else [node]


def patterns(statement: dict[str, Any]) -> list[str] | None:
    """The partition keys that a statement is about; None for all."""
    condition = statement.get("Condition")
    return None if condition is None else list(condition["ForAllValues:StringLike"][KEYS])


def allowed(function: str, asked: Asked) -> bool:
    """Whether a statement of the function allows it."""
    for one in statements(function):
        about = patterns(one)
        if (
            asked.action in listed(one["Action"])
            and any(fnmatchcase(asked.resource, named(node)) for node in listed(one["Resource"]))
            and (about is None or all(any(fnmatchcase(k, p) for p in about) for k in asked.keys))
        ):
            return True
    return False


def asked(request: Any) -> list[Asked]:
    """What a signed request wants to do."""
    target = request.headers.get("X-Amz-Target")
    if target is None:
        return [_of_s3(request)]
    prefix, _, operation = (target.decode() if isinstance(target, bytes) else target).partition(".")
    service, body = SERVICES[prefix], json.loads(request.body)
    if service == "dynamodb":
        return list(_of_table(operation, body))
    resource = RESOURCES.get(service) or _queue(body["QueueUrl"])
    return [Asked(f"{service}:{operation.removesuffix('Batch')}", resource)]


def _of_s3(request: Any) -> Asked:
    bucket, _, key = unquote(urlsplit(request.url).path).strip("/").partition("/")
    ours = bucket == os.environ["AUDIENCES_BUCKET"]
    action = {"GET": "s3:GetObject", "HEAD": "s3:GetObject"}.get(request.method, "s3:PutObject")
    return Asked(action, f"{'AudiencesBucket' if ours else 'ImportsBucket'}/{key}")


def _queue(url: str) -> str:
    names = {os.environ[f"{name.upper()}_QUEUE_URL"]: f"{name}Queue" for name in QUEUES}
    return names[url]


QUEUES = ("Orders", "Contacts", "Audiences")


def _of_table(operation: str, body: dict[str, Any]) -> Iterator[Asked]:
    if operation in ("BatchGetItem", "BatchWriteItem"):
        (wanted,) = body["RequestItems"].values()
        of_reads = wanted["Keys"] if operation == "BatchGetItem" else []
        of_writes = [] if operation == "BatchGetItem" else wanted
        items = [*of_reads, *(next(iter(one.values())) for one in of_writes)]
        keys = [item.get("Item", item.get("Key", item))["PK"]["S"] for item in items]
        yield Asked(f"dynamodb:{operation}", "Table", frozenset(keys))
    elif operation == "TransactWriteItems":
        for one in body["TransactItems"]:
            ((kind, item),) = one.items()
            key = item.get("Key", item.get("Item"))["PK"]["S"]
            yield Asked(f"dynamodb:{WRITES[kind]}", "Table", frozenset([key]))
    elif operation in ("ExecuteStatement", "BatchExecuteStatement"):
        for one in body.get("Statements", [body]):
            verb = one["Statement"].split()[0].title()
            yield Asked(f"dynamodb:PartiQL{verb}", "Table")
    elif operation == "Query":
        index = body.get("IndexName")
        yield Asked(
            "dynamodb:Query", f"Table/index/{index}" if index else "Table", frozenset([_pk(body)])
        )
    else:
        key = body["Key"] if "Key" in body else body["Item"]
        yield Asked(f"dynamodb:{operation}", "Table", frozenset([key["PK"]["S"]]))


def _pk(body: dict[str, Any]) -> str:
    """The partition key of a query, in the table or in an index."""
    names, values = body.get("ExpressionAttributeNames", {}), body["ExpressionAttributeValues"]
    for name, value in re.findall(r"([#\w]+) = (:\w+)", body["KeyConditionExpression"]):
        if names.get(name, name).endswith("PK"):
            return str(values[value]["S"])
    raise AssertionError(f"no partition key in {body['KeyConditionExpression']}")


_running: dict[int, str] = {}
_refused: dict[str, list[Asked]] = {}
_send = URLLib3Session.send


def _holding(session: Any, request: Any) -> Any:
    function = _running.get(threading.get_ident())
    # A pool of the function's own: it is whose, where one function runs.
    if function is None and _running:
        function, *others = sorted(set(_running.values()))
        if others:
            raise AssertionError(f"nobody can tell whose request this is: {[function, *others]}")
    if function is not None:
        refused = [one for one in asked(request) if not allowed(function, one)]
        _refused.setdefault(function, []).extend(refused)
    return _send(session, request)


patch.object(URLLib3Session, "send", _holding).start()


@contextmanager
def watched(function: str) -> Iterator[None]:
    """Runs a handler, by its package name; fails when it asked for what its policy refuses."""
    me = threading.get_ident()
    before, _running[me] = _running.get(me), function
    try:
        yield
    finally:
        if before is None:
            del _running[me]
        else:
            _running[me] = before
        refused = _refused.pop(function, [])
    assert not refused, f"{function} may not: {refused}"
