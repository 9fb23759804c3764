"""What the scenarios of the order gateway say a lot: a source tells something, the worker takes it
off the queue, the stream follows; and what stands in the table afterwards."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.filters import compile_filters
from infra.local.template import functions
from siyu.domain.ledger import Balance
from siyu.runtime import logger
from siyu.services.show_member import show_member
from tests.functions.calls import ANN, BOB, Event, batch, call, join, load, signed, with_path
from tests.functions.make_events import changed
from tests.services.shop import receipt
from tests.support import NOW, SOURCE, dump
from tests.template.reading import template
from tests.written import unversioned

DONE: dict[str, Any] = {"batchItemFailures": []}
BOBS = {"openid": "openid-bob"}
"""The buyer of an order whom everybody knows to be Bob."""
RATE = 20
"""One part in 20 of what a friend pays is the referrer's."""
_POST = load("order_webhook/paid")


def friends() -> None:
    """Ann, and Bob whom she referred."""
    ann = join(ANN, receipt(901), "openid-ann")
    join(BOB, receipt(902), "openid-bob", ann.referral_code)


def content(kind: str, **data: Any) -> str:
    """The body of an event; time and currency are filled in."""
    data.setdefault("occurred_at", NOW.isoformat())
    if kind in ("order.paid", "order.refunded"):
        data.setdefault("currency", "CNY")
    return json.dumps({"type": kind, "data": data})


def posted(text: str | bytes, delivery: str, source: str = SOURCE, at: datetime = NOW) -> Event:
    """The gateway's event of a signed webhook."""
    event = with_path(_POST, f"/v1/webhooks/{source}")
    milliseconds = int(at.timestamp() * 1000)
    event["requestContext"] = {**event["requestContext"], "timeEpoch": milliseconds}
    return signed(event, text, delivery, int(at.timestamp()))


def webhook(kind: str, delivery: str, source: str = SOURCE, **data: Any) -> Event:
    return posted(content(kind, **data), delivery, source)


def told(kind: str, delivery: str, source: str = SOURCE, at: datetime = NOW, **data: Any) -> str:
    """The receiver's message about an event of a source."""
    fields = {"source": source, "delivery_id": delivery, "topic": "", "received_at": at.isoformat()}
    return json.dumps({**fields, "body": content(kind, **data)})


def paid(delivery: str, order_id: str = "1", amount: int = 10_000, **data: Any) -> str:
    """The message about a sale to Bob, if nothing else is said of the buyer."""
    fields = {"order_id": order_id, "paid_minor": amount, "buyer": BOBS, **data}
    return told("order.paid", delivery, **fields)


def refunded(delivery: str, amount: int, order_id: str = "1", **data: Any) -> str:
    fields = {"refund_id": "r", "order_id": order_id, "refunded_minor": amount, **data}
    return told("order.refunded", delivery, **fields)


def cancelled(delivery: str, order_id: str = "1", **data: Any) -> str:
    return told("order.cancelled", delivery, order_id=order_id, **data)


def work(*texts: str) -> list[str]:
    """Give the worker a batch; the ids it asks for again."""
    failures = call("order_worker", batch(*texts))["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in failures]


def follow() -> None:
    """What the table's stream sets in motion, read from its beginning through the template's
    filters: first who an order belongs to, then what that earns."""
    for function, package in (
        ("MemberChangesFunction", "member_changes"),
        ("ReferralCreditFunction", "referral_credit"),
    ):
        assert call(package, stream_of(function)) == DONE


def stream_of(function: str) -> Event:
    """Every item of the table as a change, if the function's mapping lets it through."""
    (mapping,) = functions(template())[function].streams
    wanted = compile_filters(mapping.patterns)
    records = changed(*(("INSERT", item) for item in dump().values()))["Records"]
    return {"Records": [record for record in records if wanted(record)]}


def of_kind(*kinds: str) -> list[Event]:
    return [item for item in dump().values() if item["kind"]["S"] in kinds]


def state() -> dict[Any, Event]:
    """All that means something, byte by byte: everything but the traces of deliveries, how often
    an item was written, and coupons, whose codes are random."""
    left_out = {"DELIVERY", "FACT", "COUPON", "WINDOW", "QUARANTINE", "PROFILE", "IDENTITY"}
    return {
        key: unversioned(item) for key, item in dump().items() if item["kind"]["S"] not in left_out
    }


def standing() -> dict[Any, Event]:
    """The state without the single entries: the ledger in sums, which no road may change."""
    sums = {key: item for key, item in state().items() if item["kind"]["S"] != "ENTRY"}
    return {**sums, "ledger": ledger()}


def ledger() -> dict[Any, Any]:
    """All that was ever posted, by kind and accounts."""
    sums: dict[Any, int] = {}
    for entry in of_kind("ENTRY"):
        name = tuple(entry[field]["S"] for field in ("entry_kind", "debit", "credit"))
        sums[name] = sums.get(name, 0) + int(entry["amount_minor"]["N"])
    return sums


def balance() -> Balance:
    """Ann's credit."""
    return show_member(ANN).balance


def figures() -> tuple[int, int]:
    """How many orders Bob has, and what they come to."""
    figures = show_member(BOB).figures
    return figures.orders, figures.net_minor


def quarantined() -> list[str]:
    """Why messages were set aside."""
    return sorted(item["reason"]["S"] for item in of_kind("QUARANTINE"))


def hours(number: float) -> datetime:
    """So many hours after the scenario's begin."""
    return NOW + timedelta(hours=number)


@contextmanager
def logged() -> Iterator[list[dict[str, Any]]]:
    """What functions log meanwhile, row by row; complete at the end."""
    handler, lines, rows = logger.registered_handler, io.StringIO(), list[dict[str, Any]]()
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(lines)
    try:
        yield rows
    finally:
        rows.extend(json.loads(row) for row in lines.getvalue().splitlines())
        if before is not None:
            handler.setStream(before)


def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the SDK try again at once, and not tire of it; the pauses it would have made.

    After some 50 retries in vain it makes none for a while, which would be another test's doing.
    """
    pauses: list[float] = []
    monkeypatch.setattr("botocore.retries.quota.RetryQuota.acquire", lambda *_: True)
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=pauses.append))
    return pauses
