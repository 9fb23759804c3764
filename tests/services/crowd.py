"""Members by the dozen, written as orders would leave them, and what nights made of them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from siyu.api.order_event import read_event
from siyu.aws import client
from siyu.domain.figures import Figures
from siyu.domain.label_book import LabelBook
from siyu.domain.published import label_of
from siyu.domain.segments import Label
from siyu.services.order_events import OrderEvent
from siyu.storage import aggregates, figures, nights, rows
from siyu.storage.aggregates import Aggregate
from siyu.storage.items import Item
from siyu.storage.label_page import Change
from siyu.storage.transaction import Transaction
from tests import support
from tests.faults import Canned, Fault, Line
from tests.services.shop import STORE, TODAY, paid, receipt, scan, settle
from tests.support import SOURCE, dump, empty_table


def crowd(members: int, store: str = STORE, seed: int = 7) -> list[str]:
    """Members with none to five days of purchases over the last 400 days; returns their ids."""
    luck = random.Random(seed)
    today = TODAY.toordinal()
    ids = [f"{store}{seed:03}{number:07}" for number in range(members)]
    write = Transaction()
    for member_id in ids:
        days = {today - luck.randrange(400) for _ in range(luck.randrange(6))}
        bought = Figures({day: (1, luck.randint(100, 90_000)) for day in days})
        before = Aggregate(member_id, Figures(), today - luck.randrange(60), store)
        aggregates.put(write, before, replace(before, figures=bought))
    write.commit()
    return ids


def of(member_id: str) -> Aggregate:
    return figures.get_many({member_id})[member_id][0]


def books() -> dict[str, LabelBook]:
    """The labels of all accounts."""
    return {
        item["SK"]["S"]: LabelBook.unpack(item["lb"]["S"])
        for item in dump().values()
        if item["kind"]["S"] == "AGGREGATE"
    }


def codes(scheme: str = "default") -> dict[str, str | None]:
    return {member_id: book.code(scheme) for member_id, book in books().items()}


def expected(member_id: str, as_of: date = TODAY, scheme: str = "default") -> Label:
    """The label by definition: the member's figures and the lines published last."""
    board = nights.last_published()
    assert board is not None
    (lines,) = [pair for pair in board.schemes if pair[0].name == scheme]
    one = of(member_id)
    return label_of(one.figures, one.joined_day, lines, as_of)


def pages(night: date, scheme: str = "default", shards: int = 1) -> dict[str, Change]:
    """Who moved in a night."""
    found = list(nights.pages(scheme, night, shards))
    told = {change.member_id: change for change in found}
    assert len(told) == len(found)
    return told


@contextmanager
def every_line(fault: Fault = lambda _number, _operation: None) -> Iterator[Line]:
    """All calls to the table, those of the night's own clients too."""
    emitters: list[Any] = [
        Item._get_connection().connection.client.meta.events,
        client("dynamodb").meta.events,
        rows._client().meta.events,
    ]
    broken = Line(fault)
    for events in emitters:
        events.register("before-send.dynamodb", broken)
    try:
        yield broken
    finally:
        for events in emitters:
            events.unregister("before-send.dynamodb", broken)
        broken.close()


def shopper() -> str:
    """A member whom the shop knows as buyer "b", with a purchase of 10.00."""
    paid("0", 1_000, buyer_id="b", receipt_token=receipt(900))
    member_id = scan(receipt(900), "ann").member_id
    settle()
    return member_id


def told(at: datetime, kind: str, **data: Any) -> OrderEvent:
    """An event of another day than today."""
    fields = {"occurred_at": at.isoformat(), "currency": "CNY", **data}
    return read_event(SOURCE, f"at-{at.isoformat()}", at, {"type": kind, "data": fields})


def restore(items: dict[Any, Any]) -> None:
    """The table as it was."""
    empty_table()
    for item in items.values():
        support.client().call("PutItem", TableName=support.table_name(), Item=item)


def answering(
    reply: Callable[[int], dict[str, Any] | None],
) -> Callable[..., AWSResponse | None]:
    """Answers label writes in the place of the table; `reply` gets the number of statements."""

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        if "BatchExecuteStatement" not in str(request.headers["X-Amz-Target"]):
            return None
        sent: Any = request.body
        body = reply(len(json.loads(sent)["Statements"]))
        if body is None:
            return None
        return AWSResponse(request.url, 200, HTTPHeaders(), Canned(json.dumps(body).encode()))

    return answer


@contextmanager
def refusing(code: str, times: int) -> Iterator[None]:
    """The first label writes end as on DynamoDB when each statement of a call failed."""
    left = times

    def reply(statements: int) -> dict[str, Any] | None:
        nonlocal left
        left -= 1
        if left < 0:
            return None
        return {"Responses": [{"Error": {"Code": code, "Message": "no"}}] * statements}

    with table_answers(reply):
        yield


@contextmanager
def table_answers(reply: Callable[[int], dict[str, Any] | None]) -> Iterator[None]:
    events, answer = client("dynamodb").meta.events, answering(reply)
    events.register("before-send.dynamodb", answer)
    try:
        yield
    finally:
        events.unregister("before-send.dynamodb", answer)
