"""What tests of day files say a lot: read this text, these rows are good, those are not."""

from __future__ import annotations

import io
from typing import Any

from siyu.channels.csv_rows import open_text
from siyu.channels.day_file import Record, records

HEADER = "kind,order_id,occurred_at,amount"
GOOD = "paid,o{},2026-11-22 12:00:00,19.99"


def read(content: str | bytes, currency: str = "CNY") -> list[Record]:
    raw = content.encode() if isinstance(content, str) else content
    return list(records(open_text(stream(raw)), currency))


def stream(raw: bytes) -> Any:
    """Content as a file gives it."""
    return io.BufferedReader(io.BytesIO(raw))


def good(found: list[Record]) -> list[str]:
    return [one.event["data"]["order_id"] for one in found if one.event]


def bad(found: list[Record]) -> dict[int, str]:
    return {one.line: one.reason for one in found if one.event is None}
