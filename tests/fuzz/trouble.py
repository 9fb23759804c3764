"""What makes the API answer that it cannot serve now: real trouble, and none of it for long."""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections.abc import Iterator
from unittest.mock import patch

from infra.local.aws_json import AwsJson
from infra.local.resolver import REGION
from siyu import secrets
from siyu.storage import keys
from tests.fuzz.ground import Ground
from tests.fuzz.signing import ACCOUNTS

HANDS = 2


@contextlib.contextmanager
def no_queue(cloud: Ground) -> Iterator[None]:
    """Nobody listens where the queues were."""
    assert cloud.line is not None
    with cloud.line.cut():
        yield


@contextlib.contextmanager
def no_accounts(cloud: Ground) -> Iterator[None]:
    """The brand has neither WeCom nor an official account.

    Functions read the secret again after five minutes; here they are up at once.
    """
    without = {name: one for name, one in cloud.secret.items() if name not in ACCOUNTS.values()}
    with patch.object(secrets, "MAX_AGE_SECONDS", -1):
        _put_secret(cloud, without)
        try:
            yield
        finally:
            _put_secret(cloud, cloud.secret)
            secrets.secrets()


def _put_secret(cloud: Ground, value: object) -> None:
    with AwsJson(cloud.queue_endpoint, "secretsmanager", REGION) as client:
        client.call(
            "PutSecretValue",
            SecretId=cloud.env["SECRETS_ID"],
            SecretString=json.dumps(value),
            ClientRequestToken=str(uuid.uuid4()),
        )


def fought_over(cloud: Ground, member_id: str) -> contextlib.AbstractContextManager[None]:
    """Others write to the same account without a pause, so that whoever read it is too late."""
    return contended(cloud, keys.profile(member_id))


@contextlib.contextmanager
def contended(cloud: Ground, key: keys.Key) -> Iterator[None]:
    """The same about any item that has a version."""
    stop = threading.Event()
    hands = [
        threading.Thread(target=_write_on, args=(cloud, key, stop), name="contender")
        for _ in range(HANDS)
    ]
    for hand in hands:
        hand.start()
    try:
        yield
    finally:
        stop.set()
        for hand in hands:
            hand.join()


def _write_on(cloud: Ground, key: keys.Key, stop: threading.Event) -> None:
    pk, sk = key
    with AwsJson(cloud.engine.endpoint, "dynamodb", REGION) as client:
        while not stop.is_set():
            client.call(
                "UpdateItem",
                TableName=cloud.env["TABLE_NAME"],
                Key={"PK": {"S": pk}, "SK": {"S": sk}},
                UpdateExpression="ADD #version :one",
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues={":one": {"N": "1"}},
            )
