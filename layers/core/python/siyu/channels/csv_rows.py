"""Rows of CSV files as people send them: large, compressed, and damaged here and there.

A stray quotation mark spoils one row: when no row comes of the lines that it joined, reading goes
on with the second of them. Lines end in LF or CRLF.
"""

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TextIO, cast

from siyu.errors import SiyuError

GZIP = b"\x1f\x8b"
# Longer than any row that makes sense; what one broken file may take of the memory.
MAX_LINE_CHARS = 65_536
# A file of nothing else would keep its reader busy without end.
MAX_BLANK_LINES = 10_000
MAX_ROW_LINES = 20
TOO_LONG = f"the row has more than {MAX_LINE_CHARS:,} characters"
BROKEN_PACK = (EOFError, gzip.BadGzipFile, zlib.error)
CUT_OFF = "the compressed file is broken, or was cut off"
NO_CSV = "the row is no CSV: a quotation mark is not closed, or stands where none may be"


class UnusableFileError(SiyuError):
    """The file as a whole is not what it should be; the text says why, and nothing that is in it:
    a file without a header has somebody's data there."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, and the line that it begins in, counted from 1; without cells the reason why."""

    line: int
    cells: Sequence[str] = ()
    reason: str = ""


def open_bytes(stream: io.BufferedReader) -> BinaryIO:
    """The content of a file, which may be compressed with gzip; reading raises `BROKEN_PACK`."""
    packed = stream.peek(len(GZIP))[: len(GZIP)] == GZIP
    return cast("BinaryIO", gzip.GzipFile(fileobj=stream)) if packed else stream


def open_text(stream: io.BufferedReader) -> TextIO:
    """The text of such a file; it may begin with a byte order mark.

    Bytes that are no UTF-8 become lone surrogates, so that they spoil no more than their own row.
    """
    return io.TextIOWrapper(open_bytes(stream), "utf-8-sig", "surrogateescape", newline="\n")


class Rows:
    """The rows of a text; the first is the header, and the others have as many cells.

    Rows without content are passed over. Raises UnusableFileError when there is no header, and
    where a compressed file is broken.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        # Lines that were read in vain; None is one that is too long.
        self._again: deque[str | None] = deque()
        self._line = 1
        self._columns = 0
        header = next(iter(self), None)
        if header is None:
            raise UnusableFileError("the file is empty")
        if header.reason:
            raise UnusableFileError(f"line {header.line}, the header: {header.reason}")
        self.header = header.cells
        self._columns = len(header.cells)

    def __iter__(self) -> Iterator[Row]:
        blank = 0
        while (row := self._next()) is not None:
            blank = 0 if row.reason or any(row.cells) else blank + 1
            if blank > MAX_BLANK_LINES:
                raise UnusableFileError(f"line {row.line}: too many blank lines in a row")
            if not blank:
                yield row

    def _next(self) -> Row | None:
        taken: list[str | None] = []
        try:
            cells = [cell.strip() for cell in next(csv.reader(self._lines(taken), strict=True), [])]
        except csv.Error:
            cells, joined = [], True
            reason = TOO_LONG if taken[0] is None else NO_CSV
        else:
            joined = len(taken) > 1 and self._ragged(cells)
            reason = NO_CSV if joined else self._wrong(cells)
        if not taken:
            return None
        if joined:
            self._again.extendleft(reversed(taken[1:]))
            del taken[1:]
        row = Row(self._line, () if reason else cells, reason)
        self._line += len(taken)
        return row

    def _lines(self, taken: list[str | None]) -> Iterator[str]:
        """As many lines as a row may have, each noted in `taken`."""
        while len(taken) < MAX_ROW_LINES:
            line = self._again.popleft() if self._again else self._read()
            if line == "":
                return
            taken.append(line)
            if line is None:
                raise csv.Error(TOO_LONG)
            yield line

    def _read(self) -> str | None:
        """A line with its end; "" after the last one."""
        try:
            line = self._text.readline(MAX_LINE_CHARS)
            if len(line) < MAX_LINE_CHARS or line.endswith("\n"):
                return line
            while line and not line.endswith("\n"):
                line = self._text.readline(MAX_LINE_CHARS)
        except BROKEN_PACK:
            raise UnusableFileError(CUT_OFF) from None
        return None

    def _ragged(self, cells: Sequence[str]) -> bool:
        return self._columns not in (0, len(cells))

    def _wrong(self, cells: Sequence[str]) -> str:
        """Why cells are no row, if so."""
        text = "".join(cells)
        if "\0" in text:
            return "the row has a NUL character"
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            return "the row is not UTF-8 text"
        if text and self._ragged(cells):
            return f"{len(cells)} cells, but {self._columns} columns"
        return ""
