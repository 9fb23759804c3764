"""`siyu orders import`: the day file of a till. Run again, it goes on where it was."""

from __future__ import annotations

import hashlib
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from infra.cli.output import note, show
from infra.cli.work import progress
from siyu.api.order_event import read_event
from siyu.channels.csv_rows import BROKEN_PACK, CUT_OFF, UnusableFileError, open_bytes, open_text
from siyu.channels.day_file import records
from siyu.errors import UnknownSourceError
from siyu.services.import_orders import OrderImport
from siyu.services.import_report import Report
from siyu.settings import settings

SHOWN = 20
CHUNK_BYTES = 1024 * 1024


def import_command(options: Namespace, now: datetime) -> int:
    """0 all rows are good, 1 some are not, 2 the file or its source cannot be used."""
    try:
        content, lines = _look_through(options.file)
        run = OrderImport(options.source, content, now, read_event, send=not options.check)
        if run.skipped_lines:
            note(f"goes on after line {run.skipped_lines:,}")
        bad = _import(options, run, lines)
    except (OSError, UnusableFileError) as error:
        note(f"{options.file}: {error}")
        return 2
    except UnknownSourceError as error:
        note(f"{options.source}: {error}")
        return 2
    for line in bad:
        print(line, file=sys.stderr)
    if run.bad > len(bad):
        where = f"all are in {options.report}" if options.report else "--report FILE has them all"
        note(f"{run.bad - len(bad):,} more rows are bad; {where}")
    sent = 0 if options.check else run.good
    show({"rows": run.good + run.bad, "sent": sent, "bad": run.bad}, as_json=options.json)
    return 1 if run.bad else 0


def _look_through(path: Path) -> tuple[str, int]:
    """What names the content, and how many lines it has. Raises OSError, UnusableFileError."""
    digest, lines = hashlib.sha256(), 0
    with path.open("rb") as stream:
        content = open_bytes(stream)
        try:
            while chunk := content.read(CHUNK_BYTES):
                digest.update(chunk)
                lines += chunk.count(b"\n")
        except BROKEN_PACK:
            raise UnusableFileError(CUT_OFF) from None
    return digest.hexdigest(), lines


def _import(options: Namespace, run: OrderImport, lines: int) -> list[str]:
    """Do it; the first bad rows, to be shown. Raises UnusableFileError."""
    bad: list[str] = []
    with (
        options.file.open("rb") as stream,
        open_text(stream) as text,
        _report(options.report, run) as report,
    ):
        rows = progress(records(text, settings().currency), lines, "rows")
        for refused in run.run(rows):
            report.add(refused)
            if len(bad) < SHOWN:
                bad.append(f"{options.file}:{refused.line}: {refused.reason}")
    return bad


@contextmanager
def _report(path: Path | None, run: OrderImport) -> Iterator[Report]:
    """It appears whole or not at all."""
    unfinished = path.with_name(f"{path.name}.part") if path else Path(os.devnull)
    try:
        with unfinished.open("w", encoding="utf-8-sig", newline="") as text:
            report = Report(text)
            yield report
            report.close(run)
        if path:
            unfinished.replace(path)
    finally:
        if path:
            unfinished.unlink(missing_ok=True)
