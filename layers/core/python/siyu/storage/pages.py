"""Pages of aggregates as they come from a query or an export: found by patterns, not parsed.

What is looked for holds no quote and no backslash, and no item holds one of these names twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, overload

# Without the quote before a name: it is everywhere, and a search for it would stop as often.
_ROW, _BOOK = (re.compile(rf'{name}":{{"S":"([^"]*)') for name in ("z", "lb"))
_BUCKETS = re.compile(r'b":{"B":"([^"]*)')


class Late(Sequence[str]):
    """The buckets of a page, looked for when one is asked for: most nights need few. Raises
    ValueError where an item has none."""

    def __init__(self, text: str, count: int) -> None:
        self._text, self._count = text, count

    @cached_property
    def _found(self) -> list[str]:
        found = _BUCKETS.findall(self._text)
        if len(found) != self._count:
            raise ValueError("an item without day buckets")
        return found

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        return self._found[place]

    def __len__(self) -> int:
        return self._count


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it came: `z`, `lb` and `b` (base64) of each item, and where to go on."""

    rows: list[str]
    books: list[str]
    buckets: Sequence[str]
    last_key: dict[str, Any] | None


def page_of(text: str) -> Page:
    """What some items hold, written as JSON without spaces."""
    rows = _ROW.findall(text)
    return Page(rows, _BOOK.findall(text), Late(text, len(rows)), None)


def decode(body: bytes) -> Page:
    """A page of a query for `z`, `lb` and `b`."""
    text = body.decode()
    page = page_of(text)
    sizes = {len(page.rows), len(page.books), len(page.buckets)}
    if sizes != {_value(text, "Count")} or "\\" in text:
        # Nothing we know of answers so; a page that is written in another way is read slowly.
        return decode_plainly(body)
    return replace(page, last_key=_value(text, "LastEvaluatedKey"))


def _value(text: str, name: str) -> Any:
    """The value of a name that is written once, or None."""
    begin = f'"{name}":'
    at = text.find(begin)
    if at < 0:
        return None
    return json.JSONDecoder().raw_decode(text[at + len(begin) :].lstrip())[0]


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
