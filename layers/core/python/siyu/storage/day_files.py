"""Day files in the imports bucket, and the reports about them."""

import io
from dataclasses import dataclass
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError

from siyu.aws import client, needs
from siyu.errors import SiyuError, UnavailableError

needs("s3", "get_object", Bucket="-", Key="-")

# One call each; what a file takes of the memory, however large it is.
PART_BYTES = 4 * 1024 * 1024
PRECONDITION_FAILED = 412


class ReplacedError(SiyuError):
    """Another file was put in the place of this one."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a file: `etag` without quotation marks, `size` in bytes as it is stored."""

    bucket: str
    key: str
    etag: str
    size: int


class _Parts(io.RawIOBase):
    """A file in parts, all of the same version; whoever reads less than a part asks nobody."""

    def __init__(self, stored: Stored) -> None:
        super().__init__()
        self._stored = stored
        self._fetched = 0
        self._part = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._part and self._fetched < self._stored.size:
            end = min(self._fetched + PART_BYTES, self._stored.size)
            self._part = memoryview(_part(self._stored, self._fetched, end))
            self._fetched = end
        count = min(len(buffer), len(self._part))
        buffer[:count] = self._part[:count]
        self._part = self._part[count:]
        return count


def open_stored(stored: Stored) -> io.BufferedReader:
    """The content of a file, fetched as it is read.

    Reading raises UnavailableError, and ReplacedError once there is another version.
    """
    return io.BufferedReader(_Parts(stored))


def put_report(bucket: str, key: str, content: IO[bytes]) -> None:
    """Put a report in the place of an earlier one. Raises UnavailableError."""
    try:
        client("s3").put_object(
            Bucket=bucket, Key=key, Body=content, ContentType="text/csv; charset=utf-8"
        )
    except (BotoCoreError, ClientError) as error:
        raise UnavailableError("the report could not be written") from error


def _part(stored: Stored, begin: int, end: int) -> bytes:
    try:
        answer = client("s3").get_object(
            Bucket=stored.bucket,
            Key=stored.key,
            Range=f"bytes={begin}-{end - 1}",
            IfMatch=f'"{stored.etag}"',
        )
        content: bytes = answer["Body"].read()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == PRECONDITION_FAILED:
            raise ReplacedError("the file was replaced") from None
        raise UnavailableError("the file cannot be read") from error
    except BotoCoreError as error:
        raise UnavailableError("the file cannot be read") from error
    return content
