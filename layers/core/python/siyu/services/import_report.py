"""The report on a day file: a line for each row that was refused, and what became of them all."""

import csv
from typing import TextIO

from siyu.services.import_orders import OrderImport, Refused

COLUMNS = ("line", "reason")


class Report:
    """Writes a report as CSV; its last line has no number and says how it went."""

    def __init__(self, text: TextIO) -> None:
        self._rows = csv.writer(text)
        self._rows.writerow(COLUMNS)

    def add(self, refused: Refused) -> None:
        self._rows.writerow((refused.line, refused.reason))

    def close(self, run: OrderImport, unusable: str = "") -> None:
        """The summary; `unusable` says why the file was read no further."""
        rows = run.good + run.bad
        summary = f"{rows:,} rows: {run.good:,} good, {run.bad:,} refused"
        self._rows.writerow(("", f"{unusable}; {summary}" if unusable else summary))
