"""The file of an audience, as whoever has its link reads it."""

from __future__ import annotations

import http.client
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import duckdb

from infra.e2e.steps import expect


def buyers(url: str) -> list[tuple[Any, ...]]:
    """Member id and net sales of everybody in the Parquet file. Raises LocalError."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "members.parquet")
        path.write_bytes(download(url))
        asked = "SELECT member_id, monetary_minor FROM read_parquet(?)"
        with duckdb.connect() as engine:
            return engine.execute(asked, [str(path)]).fetchall()


def download(url: str) -> bytes:
    """What the link gives without further rights. Raises LocalError."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    expect("the link of a file", answer.status, 200)
    return data
