"""What a night that is run in parts keeps until it is over: counts and reports of some shards.

A text is compressed and cut into items; all of them are written in one transaction, so whoever
reads it finds one writer's text and no mixture. They are of no use after the night and expire.
"""

import json
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute

from siyu.domain.calendar import BUSINESS_ZONE
from siyu.storage import keys
from siyu.storage.items import Item
from siyu.storage.transaction import StaleReadError, Transaction

# An item takes 400 kB. A transaction takes 4 MB: the sales of some millions of members.
PIECE_BYTES = 350_000
# As long as Step Functions can take an execution up again where it failed.
KEPT_DAYS = 14
FORMAT = b"1"


class PartItem(Item, discriminator="PART"):
    """A piece of what a night that is run in parts keeps until it is over, compressed."""

    body = BinaryAttribute(legacy_encoding=False)
    ttl = NumberAttribute()


def create(night: date, shards: range, name: str, body: Any) -> None:
    """Keep `body` unless something of that name is kept already: the first writer wins."""
    write = Transaction()
    for item in _pieces(night, shards, name, body):
        write.create("part", item)
    try:
        write.commit()
    except StaleReadError:
        return


def put(night: date, shards: range, name: str, body: Any) -> None:
    """Keep `body`, whatever was there under that name."""
    write = Transaction()
    for item in _pieces(night, shards, name, body):
        write.put("part", item)
    write.commit()


def get(night: date, shards: range, name: str) -> Any:
    """What is kept under a name; None for nothing."""
    found = [item.body for item in _query(night, shards, f"{name}#")]
    return unpack(b"".join(found)) if found else None


def names(night: date, shards: range) -> frozenset[str]:
    """The names under which something is kept."""
    return frozenset(item.SK.rpartition("#")[0] for item in _query(night, shards))


def pack(body: Any) -> bytes:
    return FORMAT + zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 6)


def unpack(packed: bytes) -> Any:
    """The reverse of `pack`. Raises ValueError on an unknown format."""
    if packed[:1] != FORMAT:
        raise ValueError("unknown format of a part of a night")
    return json.loads(zlib.decompress(packed[1:]))


def _pieces(night: date, shards: range, name: str, body: Any) -> Iterator[PartItem]:
    pk = keys.night_part_pk(night, shards.start, shards.stop)
    end = datetime.combine(night, time(), BUSINESS_ZONE) + timedelta(days=KEPT_DAYS)
    packed = pack(body)
    for number, begin in enumerate(range(0, len(packed), PIECE_BYTES)):
        piece = packed[begin : begin + PIECE_BYTES]
        key = keys.night_part(pk, name, number)
        yield PartItem(*key, body=piece, ttl=int(end.timestamp()))


def _query(night: date, shards: range, prefix: str = "") -> Iterator[PartItem]:
    pk = keys.night_part_pk(night, shards.start, shards.stop)
    condition = Item.SK.startswith(prefix) if prefix else None
    for item in Item.query(pk, condition, consistent_read=True):
        if isinstance(item, PartItem):
            yield item
