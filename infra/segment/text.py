"""The text of an order file: plain or gzip, a path or standard input, UTF-8 or GBK.

Spreadsheets in China write GBK unless told otherwise. A file is GBK if more of its lines make sense
as GBK alone than as UTF-8; a damaged line does not change what the rest is.
"""

from __future__ import annotations

import codecs
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from infra.codes.table import UnusableFileError
from siyu.channels.csv_rows import BROKEN_PACK, CUT_OFF, open_bytes

STANDARD_INPUT = Path("-")
UTF_8, GBK = "utf-8-sig", "gb18030"
CHUNK_BYTES = 1024 * 1024
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def opened(path: Path) -> Iterator[tuple[TextIO, int]]:
    """The text, and how many lines it has. Raises UnusableFileError.

    Bytes that are no text become lone surrogates, so that they spoil no more than their own row.
    """
    try:
        with _bytes(path) as stream:
            encoding, lines = _look_through(stream)
            stream.seek(0)
            yield (
                io.TextIOWrapper(open_bytes(stream), encoding, "surrogateescape", newline=""),
                lines,
            )
    except BROKEN_PACK:
        raise UnusableFileError(f"{path}: {CUT_OFF}") from None
    except OSError as error:
        raise UnusableFileError(f"{path}: {error.strerror or 'cannot be read'}") from error
    except UnusableFileError as error:
        raise UnusableFileError(f"{path}: {error}") from error


@contextmanager
def _bytes(path: Path) -> Iterator[io.BufferedReader]:
    """Something to read twice; standard input and other pipes are kept in a file meanwhile."""
    if path == STANDARD_INPUT:
        with _kept(sys.stdin.buffer) as kept:
            yield kept
        return
    with path.open("rb") as stream:
        if stream.seekable():
            yield stream
            return
        with _kept(stream) as kept:
            yield kept


@contextmanager
def _kept(stream: BinaryIO) -> Iterator[io.BufferedReader]:
    with tempfile.TemporaryFile() as kept:
        shutil.copyfileobj(stream, kept)
        kept.seek(0)
        yield cast("io.BufferedReader", kept)


def _look_through(stream: io.BufferedReader) -> tuple[str, int]:
    """The encoding and the number of lines. Raises UnusableFileError for UTF-16."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    content, lines, plain, started = open_bytes(stream), 0, True, False
    while chunk := content.read(CHUNK_BYTES):
        if not started and chunk.startswith(_UTF_16):
            raise UnusableFileError("the file is UTF-16; save it as CSV UTF-8")
        lines, started = lines + chunk.count(b"\n"), True
        plain = plain and _decodes(decoder, chunk)
    if plain and _decodes(decoder, b"", final=True):
        return UTF_8, lines
    stream.seek(0)
    return _likelier(open_bytes(stream)), lines


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _likelier(content: BinaryIO) -> str:
    """Ask every line that is not plain ASCII."""
    votes = dict.fromkeys((UTF_8, GBK), 0)
    for line in content:
        if not line.isascii():
            found = next((one for one in votes if _reads(line, one)), UTF_8)
            votes[found] += 1
    return GBK if votes[GBK] > votes[UTF_8] else UTF_8


def _reads(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
