"""The files of audiences in their bucket."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError

from siyu.aws import client
from siyu.errors import UnavailableError
from siyu.settings import settings

LINK_LASTS = timedelta(minutes=15)


def members_key(audience_id: str) -> str:
    """Where the members of an audience are."""
    return f"audiences/{audience_id}/members.parquet"


def query_key(audience_id: str) -> str:
    """Where it says how they were looked for. Athena takes all files of a folder for rows, but for
    those whose names begin so: https://repost.aws/knowledge-center/athena-empty-results"""
    return f"audiences/{audience_id}/_query.json"


def put(audience_id: str, members: Path, about: Mapping[str, Any]) -> None:
    """Put both files in the place of earlier ones. Raises UnavailableError."""
    text = json.dumps(about, ensure_ascii=False, indent=2, sort_keys=True)
    _put(query_key(audience_id), text.encode(), "application/json")
    with members.open("rb") as content:
        _put(members_key(audience_id), content, "application/vnd.apache.parquet")


def link(audience_id: str) -> str:
    """By which the members can be downloaded for some minutes, with no other right."""
    where = {"Bucket": settings().audiences_bucket, "Key": members_key(audience_id)}
    seconds = int(LINK_LASTS.total_seconds())
    url: str = client("s3").generate_presigned_url("get_object", Params=where, ExpiresIn=seconds)
    return url


def _put(key: str, content: IO[bytes] | bytes, kind: str) -> None:
    bucket = settings().audiences_bucket
    try:
        client("s3").put_object(Bucket=bucket, Key=key, Body=content, ContentType=kind)
    except (BotoCoreError, ClientError) as error:
        raise UnavailableError("the file of an audience could not be written") from error
