"""Rows of a CSV file as spreadsheets save it; what is no such table is refused as a whole."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.codes.cells import Cells


class UnusableFileError(Exception):
    """The file as a whole is not what was asked for; the text says why."""


def read_rows(
    path: Path, required: Sequence[str], known: Sequence[str]
) -> Iterator[tuple[int, Cells]]:
    """Each row that is not blank, with its last line in the file; the header is line 1.

    Raises UnusableFileError, also where a column of `required` is missing or one of `known` is
    there twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = _header(next(reader, []), required, known)
            for fields in reader:
                values = [value.strip() for value in fields]
                if any(values):
                    cells = Cells(dict(zip(header, values, strict=False)))
                    if len(fields) != len(header):
                        cells.problems.append(f"{len(fields)} cells, but {len(header)} columns")
                    yield reader.line_num, cells
    except UnicodeDecodeError as error:
        raise UnusableFileError(f"{path}: not UTF-8 text; save it as CSV UTF-8") from error
    except (OSError, csv.Error, UnusableFileError) as error:
        raise UnusableFileError(f"{path}: {error}") from error


def _header(fields: Sequence[str], required: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    names = [name.strip() for name in fields]
    missing = [name for name in required if name not in names]
    if missing:
        found = ", ".join(names)[:200] or "none"
        hint = "; commas must separate the cells" if any(c in found for c in ";\t") else ""
        raise UnusableFileError(f"missing column {', '.join(missing)} (found: {found}{hint})")
    twice = [name for name in known if names.count(name) > 1]
    if twice:
        raise UnusableFileError(f"column given twice: {', '.join(twice)}")
    return names
