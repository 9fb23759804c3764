"""Reads all balances in one transaction, over a connection that nobody disturbs."""

from __future__ import annotations

from typing import Any

from infra.local.aws_json import AwsJson
from infra.local.resolver import REGION
from siyu.domain.ledger import FIELDS, programme_account, store_account
from siyu.domain.programmes import PROGRAMME
from siyu.storage import keys
from tests import support
from tests.jepsen.subsets import Vector
from tests.jepsen.transfers import MEMBERS, STORE

ACCOUNTS = (programme_account(PROGRAMME.version), store_account(STORE))
BALANCES = [key for member_id in MEMBERS for key in keys.balances(member_id)]
PLACES = [*BALANCES, *(key for name in ACCOUNTS for key in keys.accounts(name))]


class Observer:
    """For one thread."""

    def __init__(self) -> None:
        self._table = AwsJson(support._engine.endpoint, "dynamodb", REGION)

    def everything(self) -> dict[str, Vector]:
        """All shards of all balances and accounts, by partition key, at one moment.

        Raises OSError and AwsError while the engine is away.
        """
        wanted = [
            {"Get": {"TableName": support.table_name(), "Key": {"PK": {"S": pk}, "SK": {"S": sk}}}}
            for pk, sk in PLACES
        ]
        answers = self._table.call("TransactGetItems", TransactItems=wanted)["Responses"]
        return {
            key.pk: _vector(key, answer.get("Item", {}))
            for key, answer in zip(PLACES, answers, strict=True)
        }

    def close(self) -> None:
        self._table.close()


def _vector(key: keys.Key, item: dict[str, Any]) -> Vector:
    names = FIELDS if key in BALANCES else ("balance_minor",)
    return tuple(int(item.get(name, {"N": "0"})["N"]) for name in names)
