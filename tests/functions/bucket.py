"""A bucket over real HTTP, for the functions that read files."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from infra.local.engine import find_ministack, start_ministack
from infra.local.process import stop_all
from siyu import aws
from tests.functions.calls import Event
from tests.functions.import_events import BUCKET, created


@contextmanager
def bucket() -> Iterator[Bucket]:
    """Starts S3 with an empty bucket; our functions find it."""
    binary = find_ministack()
    assert binary is not None
    logs = Path(tempfile.mkdtemp(prefix="siyu-s3-"))
    # The probe that waits for its start asks SQS.
    endpoint, process = start_ministack(binary, "sqs,s3", logs, "s3")
    with patch.dict(os.environ, AWS_ENDPOINT_URL_S3=endpoint):
        aws.client.cache_clear()
        try:
            aws.client("s3").create_bucket(Bucket=BUCKET)
            yield Bucket(aws.client("s3"))
        finally:
            aws.client.cache_clear()
            stop_all([process])


class Bucket:
    """What tests do with it."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def put(self, key: str, content: str | bytes) -> Event:
        """Put a file there; the event that S3 sends of it."""
        raw = content.encode() if isinstance(content, str) else content
        etag = self.client.put_object(Bucket=BUCKET, Key=key, Body=raw)["ETag"]
        event = created(key, raw)
        assert event["detail"]["object"]["etag"] == etag.strip('"')
        return event

    def report(self, key: str) -> list[list[str]]:
        """The rows of a report."""
        content = self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))

    def names(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [one["Key"] for one in found]
