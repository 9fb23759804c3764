"""Members as the night reads them: pages of packed text, decoded past the SDK's own parser.

botocore's parser takes some 70 microseconds an item, more than all the night does with it. Its
event `before-parse` lets us read the body ourselves (two microseconds) and keeps signing, retries
and time-outs. It is an event and no promise, so the package is pinned and a test compares both.
https://github.com/boto/boto3/issues/2928
"""

from __future__ import annotations

import base64
import json
import re
from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import botocore.session

from siyu import aws
from siyu.domain.figures import Figures
from siyu.settings import settings
from siyu.storage import keys

# What `z` says: id|version|state|joined day|store|first bucket|last bucket|last purchase|orders|net
FIELDS = 10
COUNTED, NOT_COUNTED = "", "x"
_TEXTS = {name: re.compile(rf'"{name}":{{"S":"([^"]*)"}}') for name in ("z", "lb")}
_BUCKETS = re.compile(r'"b":{"B":"([^"]*)"}')
_COUNT = re.compile(r'"Count":(\d+)')


@dataclass
class Columns:
    """Members by column, those alone whom the night counts. Days are day numbers, 0 for none; a
    member who bought has `last_days`. `windows` has orders and net sales (minor units) by window in
    days, None being a member's whole time."""

    member_ids: list[str] = field(default_factory=list)
    versions: array[int] = field(default_factory=lambda: array("q"))
    joined_days: array[int] = field(default_factory=lambda: array("q"))
    stores: list[str] = field(default_factory=list)
    last_days: array[int] = field(default_factory=lambda: array("q"))
    books: list[str] = field(default_factory=list)
    windows: dict[int | None, tuple[array[int], array[int]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.member_ids)


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it came: `z`, `lb` and `b` (base64) of each item, and where to go on."""

    rows: list[str]
    books: list[str]
    buckets: list[str]
    last_key: dict[str, Any] | None


def pack(
    member_id: str, figures: Figures, *, version: int, counted: bool, joined_day: int, store: str
) -> str:
    """What the night reads of a member; equal figures give equal text."""
    state = COUNTED if counted else NOT_COUNTED
    first, last = figures.span
    bought = figures.last_day.toordinal() if figures.last_day else 0
    numbers = (first, last, bought, figures.orders, figures.net_minor)
    return "|".join((member_id, str(version), state, str(joined_day), store, *map(str, numbers)))


def origin(packed: str) -> tuple[int, str]:
    """The day of joining and the store that brought the member."""
    fields = packed.split("|")
    return int(fields[3]), fields[4]


def read_shards(numbers: Collection[int], as_of: date, windows: Collection[int | None]) -> Columns:
    """The members of some shards, eventually consistent: half a read unit per 4 kB.

    What is dated after `as_of` does not count yet.
    """
    pages = (page for number in numbers for page in _pages(keys.aggregate_pk(number)))
    return gather(pages, as_of, windows)


def gather(pages: Iterable[Page], as_of: date, windows: Collection[int | None]) -> Columns:
    """The members of some pages; see `read_shards`."""
    columns = Columns(windows={window: (array("q"), array("q")) for window in windows})
    known: dict[str, str] = {}
    for page in pages:
        _add(columns, page, as_of.toordinal(), known)
    return columns


def decode(body: bytes) -> Page:
    """A page of a query for `z`, `lb` and `b`."""
    text = body.decode()
    rows, books = (pattern.findall(text) for pattern in _TEXTS.values())
    buckets, counted = _BUCKETS.findall(text), _COUNT.search(text)
    if counted is None or {len(rows), len(books), len(buckets)} != {int(counted[1])}:
        # Nothing we know of answers so; a page that is written in another way is read slowly.
        return decode_plainly(body)
    # Items hold none of our texts twice, so an end of the page is the end of its last item.
    at = text.find('"LastEvaluatedKey":')
    last_key = json.JSONDecoder().raw_decode(text, at + 19)[0] if at >= 0 else None
    return Page(rows, books, buckets, last_key)


def decode_plainly(body: bytes) -> Page:
    """The same by the JSON parser."""
    page = json.loads(body)
    items = page["Items"]
    return Page(
        [item["z"]["S"] for item in items],
        [item["lb"]["S"] for item in items],
        [item["b"]["B"] for item in items],
        page.get("LastEvaluatedKey"),
    )


def _pages(pk: str) -> Iterator[Page]:
    request: dict[str, Any] = {
        "TableName": settings().table_name,
        "KeyConditionExpression": "PK = :pk",
        "ExpressionAttributeValues": {":pk": {"S": pk}},
        "ProjectionExpression": "z, lb, b",
    }
    last_key: dict[str, Any] | None = {}
    while last_key is not None:
        more = {"ExclusiveStartKey": last_key} if last_key else {}
        page = _client().query(**request, **more)["page"]
        yield page
        last_key = page.last_key


@cache
def _client() -> Any:
    """A client of its own: its queries are answered with pages."""
    client = botocore.session.get_session().create_client("dynamodb", config=aws.CONFIG)
    client.meta.events.register("before-parse.dynamodb.Query", _take_body)
    return client


def _take_body(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    if response_dict["status_code"] == 200:
        customized_response_dict["page"] = decode(response_dict["body"])
        response_dict["body"] = b"{}"


def _add(columns: Columns, page: Page, today: int, known: dict[str, str]) -> None:
    if not page.rows:
        return
    fields = "|".join(page.rows).split("|")
    texts = [fields[place::FIELDS] for place in range(FIELDS)]
    books, buckets = page.books, page.buckets
    if any(texts[2]):
        kept = [place for place, state in enumerate(texts[2]) if state == COUNTED]
        texts = [[column[place] for place in kept] for column in texts]
        books, buckets = ([one[place] for place in kept] for one in (books, buckets))
    columns.member_ids += texts[0]
    columns.versions.extend(map(int, texts[1]))
    columns.joined_days.extend(map(int, texts[3]))
    # The same few texts over and over: kept once.
    columns.stores += [known.setdefault(one, one) for one in texts[4]]
    columns.books += [known.setdefault(one, one) for one in books]
    first, last, bought, orders, net = (list(map(int, column)) for column in texts[5:])
    early = [place for place, day in enumerate(last) if day > today]
    for place in early:
        bought[place] = _figures(buckets[place]).last_day_by(today) or 0
    columns.last_days.extend(bought)
    for window, (into_orders, into_net) in columns.windows.items():
        begin = 0 if window is None else today - window
        seen_orders = [n if day > begin else 0 for n, day in zip(orders, last, strict=True)]
        seen_net = [n if day > begin else 0 for n, day in zip(net, last, strict=True)]
        crossing = [
            place
            for place, (opens, closes) in enumerate(zip(first, last, strict=True))
            if opens <= begin < closes
        ]
        for place in {*early, *crossing}:
            inside = _figures(buckets[place]).within(today, window)
            seen_orders[place], seen_net[place] = inside
        into_orders.extend(seen_orders)
        into_net.extend(seen_net)


def _figures(buckets: str) -> Figures:
    return Figures.unpack(base64.b64decode(buckets))
