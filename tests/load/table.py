"""The same state as it stands in the table, read raw: on purpose without the product's classes."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from infra.local.aws_json import AwsJson
from infra.local.resolver import REGION
from tests.load.book import State

Raw = dict[str, Any]
SALE = "~sale#"
# Callbacks are counted by the friends that came of them.
CALLBACKS = ("wecom", "official_account")


def pages(endpoint: str, table: str) -> Iterator[Raw]:
    """Every item, as the API gives it."""
    page: dict[str, Any] = {"LastEvaluatedKey": None}
    with AwsJson(endpoint, "dynamodb", REGION) as client:
        while "LastEvaluatedKey" in page:
            start = page["LastEvaluatedKey"]
            more = {"ExclusiveStartKey": start} if start else {}
            page = client.call("Scan", TableName=table, ConsistentRead=True, **more)
            yield from page["Items"]


def read(items: Iterable[Raw]) -> State:
    """By the names that `book.Expected` gives."""
    state: State = {}
    counts: Counter[str] = Counter()
    credit: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    decided: dict[str, tuple[str, bool]] = {}
    for item in items:
        kind = item["kind"]["S"]
        if kind in READERS:
            state.update(READERS[kind](item))
        elif kind == "BALANCE":
            for place, name in enumerate(("pending_minor", "released_minor", "reversed_minor")):
                credit[_parts(item)[1]][place] += _number(item, name)
        elif kind == "CONSENT":
            name = f"consent {_parts(item)[1]} {_text(item, 'purpose')}"
            decision = (item["decided_at"]["S"], item["granted"]["BOOL"])
            decided[name] = max(decision, decided.get(name, decision))
        elif kind == "QUARANTINE":
            counts[f"aside {_text(item, 'reason')}"] += 1
        elif kind == "RELATION" and _text(item, "guide"):
            over = _text(item, "ended_at") is not None
            counts[f"friends {_text(item, 'guide')}"] += 1
            counts[f"parted {_text(item, 'guide')}"] += over
    state |= {f"credit {name}": sums for name, sums in credit.items() if any(sums)}
    state |= {name: granted for name, (_, granted) in decided.items()}
    return state | {name: count for name, count in counts.items() if count}


def _profile(item: Raw) -> State:
    return {f"member {_text(item, 'member_id')}": "gone" if _text(item, "erased_at") else "here"}


def _referral(item: Raw) -> State:
    told = [_text(item, "referrer_id"), _text(item, "refused")]
    return {f"referral {_text(item, 'referee_id')}": told}


def _receipt(item: Raw) -> State:
    owner = _text(item, "claimed_by")
    return {f"claim {_text(item, 'receipt_key')}": owner} if owner else {}


def _order(item: Raw) -> State:
    key, paid, member = _text(item, "order_key"), _number(item, "paid_minor"), _member(item)
    refunds = json.loads(_text(item, "refunds") or "{}")
    if key and key.startswith(SALE):
        return {f"sale {key.removeprefix(SALE)}": [paid, paid - sum(refunds.values()), member]}
    return {f"order {key}": [paid, refunds, _text(item, "cancelled_at") is not None, member]}


def _aggregate(item: Raw) -> State:
    fields = item["z"]["S"].split("|")
    return {f"net {item['SK']['S']}": [int(fields[-2]), int(fields[-1])]}


def _coupon(item: Raw) -> State:
    redemption = _text(item, "redemption_id")
    return {f"coupon {_text(item, 'code')}": redemption} if redemption else {}


def _hold(item: Raw) -> State:
    return {f"hold {_text(item, 'hold_key')}": _number(item, "captured_minor")}


def _delivery(item: Raw) -> State:
    _, source, delivery = item["PK"]["S"].split("#", 2)
    # What follows a ~ tells apart several events of one notification.
    name = delivery.partition("~")[0]
    return {} if source in CALLBACKS else {f"delivery {source}#{name}": "kept"}


def _member(item: Raw) -> str | None:
    return _text(item, "member_id")


def _parts(item: Raw) -> list[str]:
    parts: list[str] = item["PK"]["S"].split("#")
    return parts


def _text(item: Raw, name: str) -> str | None:
    found: str | None = item.get(name, {}).get("S")
    return found


def _number(item: Raw, name: str) -> int:
    return int(item.get(name, {}).get("N", "0"))


READERS = {
    "PROFILE": _profile,
    "REFERRER": _referral,
    "RECEIPT": _receipt,
    "ORDER": _order,
    "AGGREGATE": _aggregate,
    "COUPON": _coupon,
    "DELIVERY": _delivery,
    "HOLD": _hold,
}
