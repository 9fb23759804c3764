"""What must be equal in the end: all but who came first and how often something was tried."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from infra.local.aws_json import AwsJson
from tests.written import unversioned

# How a state was reached: which of several equal deliveries was the first.
PATH = "delivery_id"
COMPARED = frozenset({"ORDER", "FACT", "AGGREGATE", "WAITING", "IDENTITY", "REFERRER", "CREDIT"})
SUMMED = ("pending_minor", "released_minor", "earned_minor", "reversed_minor")


def read_state(client: AwsJson, table: str) -> dict[str, str]:
    """The domain state as text by key; ledgers as their sums, since entries count their steps."""
    state: dict[str, str] = {}
    balances: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(SUMMED))
    entries: defaultdict[str, int] = defaultdict(int)
    for item in _items(client, table):
        kind = item["kind"]["S"]
        if kind in COMPARED:
            kept = unversioned(item, PATH)
            state[f"{item['PK']['S']} {item['SK']['S']}"] = json.dumps(kept, sort_keys=True)
        elif kind == "BALANCE":
            for number, name in enumerate(SUMMED):
                balances[item["PK"]["S"]][number] += int(item.get(name, {"N": "0"})["N"])
        elif kind == "ENTRY":
            amount = int(item["amount_minor"]["N"])
            entries[item["credit"]["S"]] += amount
            entries[item["debit"]["S"]] -= amount
        elif kind == "QUARANTINE":
            raise AssertionError(f"an event was set aside: {item['reason']['S']}")
    state |= {f"balance {key}": json.dumps(sums) for key, sums in balances.items()}
    state |= {f"account {key}": str(amount) for key, amount in entries.items()}
    return state


def _items(client: AwsJson, table: str) -> Iterator[dict[str, Any]]:
    page: dict[str, Any] = {"LastEvaluatedKey": None}
    while "LastEvaluatedKey" in page:
        start = page["LastEvaluatedKey"]
        more = {"ExclusiveStartKey": start} if start else {}
        page = client.call("Scan", TableName=table, ConsistentRead=True, **more)
        yield from page["Items"]
