"""A member as an item: packed as the product stores it, and as one would write it at first."""

from __future__ import annotations

import base64
import json
from typing import NamedTuple

from infra.bench.members import Person
from siyu.domain.label_book import Entry
from siyu.domain.segments import Label
from siyu.storage import keys
from siyu.storage.columns import pack

WINDOWS = (365, 90, 30)
KIND = "AGGREGATE"


class Made(NamedTuple):
    """A member: what the product packs of it, and what an ordinary item says besides."""

    member_id: str
    version: int
    z: str
    b: str
    joined_day: int
    store: str
    last_bucket: int
    figures: str


def made(one: Person, today: int) -> Made:
    """A member as of a day."""
    figures, version = one.figures, one.orders + 1
    packed = pack(
        one.member_id,
        figures,
        version=version,
        counted=True,
        joined_day=one.joined_day,
        store=one.store,
    )
    first = figures.first_day.toordinal() if figures.first_day else 0
    last = figures.last_day.toordinal() if figures.last_day else 0
    numbers = {"first_day": first, "last_day": last}
    numbers |= {"orders": figures.orders, "net_minor": figures.net_minor}
    for days in WINDOWS:
        orders, net = figures.within(today, days)
        numbers |= {f"orders_{days}": orders, f"net_minor_{days}": net}
    texts = ",".join(f'"{name}":{{"N":"{number}"}}' for name, number in numbers.items())
    b = base64.b64encode(figures.pack()).decode()
    return Made(
        one.member_id, version, packed, b, one.joined_day, one.store, figures.span[1], texts
    )


def packed_item(one: Made, book: str) -> str:
    """The item as the product stores it."""
    pk, sk = keys.aggregate(one.member_id)
    return (
        f'{{"PK":{{"S":"{pk}"}},"SK":{{"S":"{sk}"}},"kind":{{"S":"{KIND}"}},"z":{{"S":"{one.z}"}},'
        f'"b":{{"B":"{one.b}"}},"lb":{{"S":"{book}"}},"version":{{"N":"{one.version}"}}}}'
    )


def plain_item(one: Made, entry: Entry) -> str:
    """An item of 22 attributes, one a figure, as one would write it without further thought."""
    label, before = Label.of_code(entry.code), Label.of_code(entry.before)
    pk, sk = keys.aggregate(one.member_id)
    texts = {
        "PK": pk,
        "SK": sk,
        "kind": "MEMBER",
        "member_id": one.member_id,
        "store_id": one.store,
        "stage": label.stage,
        "value_group": label.group or "-",
        "aipl": label.aipl,
        "stage_before": before.stage,
    }
    written = ",".join(f'"{name}":{{"S":"{text}"}}' for name, text in texts.items())
    numbers = (
        f'"version":{{"N":"{one.version}"}},"joined_day":{{"N":"{one.joined_day}"}},'
        f'"labelled_day":{{"N":"{entry.since}"}}'
    )
    return f"{{{written},{numbers},{one.figures}}}"


def size_of(item: str) -> int:
    """What DynamoDB would say of an ordinary item's size: names, texts, and numbers at half their
    digits. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    sizes = 0
    for name, value in json.loads(item).items():
        sizes += len(name)
        sizes += len(value["S"]) if "S" in value else len(value["N"]) // 2 + 1
    return sizes
