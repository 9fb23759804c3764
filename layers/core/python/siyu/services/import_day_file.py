"""Import a day file that was put into the bucket, and put a report there."""

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from siyu.channels.csv_rows import UnusableFileError, open_text
from siyu.channels.day_file import records
from siyu.runtime import logger
from siyu.services.import_orders import Check, OrderImport
from siyu.services.import_report import Report
from siyu.settings import settings
from siyu.storage.day_files import ReplacedError, Stored, open_stored, put_report

# A report that is longer waits on the disk until it is put.
MEMORY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DayFile:
    """One version of a file of a source, put at `at` (aware): `etag` without quotation marks,
    `size` in bytes as it is stored. Its report goes to `report_key` of the same bucket."""

    source: str
    bucket: str
    key: str
    etag: str
    size: int
    report_key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows were sent and refused; `unusable` says why the file was read no further."""

    good: int
    bad: int
    unusable: str = ""


def import_day_file(file: DayFile, check: Check, time_is_up: Callable[[], bool]) -> Imported | None:
    """Import a file; None if another has taken its place, whose own event comes.

    Raises UnknownSourceError. Raises StoppedError, UnavailableError: the same call goes on there.
    """
    run = OrderImport(file.source, file.etag, file.at, check)
    with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as content:
        text = io.TextIOWrapper(content, "utf-8-sig", newline="")
        report = Report(text)
        try:
            unusable = _run(run, file, report, time_is_up)
        except ReplacedError:
            logger.info("day_file_replaced", source=file.source)
            return None
        report.close(run, unusable)
        text.flush()
        content.seek(0)
        put_report(file.bucket, file.report_key, content)
    return Imported(run.good, run.bad, unusable)


def _run(run: OrderImport, file: DayFile, report: Report, time_is_up: Callable[[], bool]) -> str:
    """Why the file was read no further, if it was not read to its end."""
    stored = Stored(file.bucket, file.key, file.etag, file.size)
    try:
        with open_text(open_stored(stored)) as text:
            for refused in run.run(records(text, settings().currency), time_is_up):
                report.add(refused)
    except UnusableFileError as error:
        return str(error)
    return ""
