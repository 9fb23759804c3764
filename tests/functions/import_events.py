"""The event by which EventBridge tells of a day file; `make_events` writes it to disk."""

from __future__ import annotations

import hashlib

from tests.functions.calls import EVENTS, Event

BUCKET = "siyu-imports"
SAMPLE = EVENTS / "order_import" / "day_file.csv"


def created(key: str, content: bytes, time: str = "2026-11-22T04:00:00Z") -> Event:
    """An "Object Created" event as S3 sends it through EventBridge; the key is not encoded."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "000000000000",
        "time": time,
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{BUCKET}"],
        "detail": {
            "version": "0",
            "bucket": {"name": BUCKET},
            "object": {
                "key": key,
                "size": len(content),
                "etag": hashlib.md5(content, usedforsecurity=False).hexdigest(),
                "sequencer": "00617F08299329D189",
            },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "000000000000",
            "source-ip-address": "192.0.2.7",
            "reason": "PutObject",
        },
    }


def events() -> dict[str, Event]:
    return {"order_import/day_file": created("incoming/till/day_file.csv", SAMPLE.read_bytes())}
