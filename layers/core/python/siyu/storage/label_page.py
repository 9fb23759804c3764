"""A page of the labels that changed in a night: compressed lines, a member each."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from siyu.domain.label_book import Entry

FORMAT = b"1"


@dataclass(frozen=True, slots=True)
class Change:
    """A label that changed between two nights, with the numbers behind it (`last_day` is a day
    number, 0 for no purchase; orders and net in minor units are those of the scheme's window)."""

    member_id: str
    entry: Entry
    last_day: int
    orders: int
    net_minor: int


def pack(changes: Iterable[Change]) -> bytes:
    """Changes as compressed lines; the same changes in any order give the same bytes."""
    lines = (
        f"{one.member_id},{one.entry.code},{one.entry.since},{one.entry.before},{one.entry.cause},"
        f"{one.last_day},{one.orders},{one.net_minor}"
        for one in changes
    )
    return FORMAT + zlib.compress("\n".join(sorted(lines)).encode(), 1)


def unpack(packed: bytes) -> Iterator[Change]:
    """The reverse of `pack`. Raises ValueError on an unknown format."""
    if packed[:1] != FORMAT:
        raise ValueError("unknown format of a page of labels")
    for line in zlib.decompress(packed[1:]).decode().splitlines():
        member_id, code, since, before, cause, *numbers = line.split(",")
        last_day, orders, net = map(int, numbers)
        yield Change(member_id, Entry(code, int(since), before, cause), last_day, orders, net)
