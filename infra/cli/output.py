"""Results for people or, with --json, for programs: standard output; all else goes to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Record = Mapping[str, Any]


def show(record: Record, *, as_json: bool, indent: str = "") -> None:
    """One thing: a line for each of its parts; what has parts of its own is shown below its name,
    and of many things how many there are."""
    if as_json:
        _print_json(record)
        return
    for name, value in record.items():
        if isinstance(value, Mapping) and value:
            print(f"{indent}{name}:")
            show(value, as_json=False, indent=f"{indent}  ")
        elif _of_records(value):
            print(f"{indent}{name}: {len(value)}")
            table(value, as_json=False, indent=f"{indent}  ")
        else:
            print(f"{indent}{name}: {_text(value)}")


def table(records: Sequence[Record], *, as_json: bool, indent: str = "") -> None:
    """Many things of one kind: a line for each."""
    if as_json:
        _print_json(records)
        return
    if not records:
        return
    rows = [list(records[0]), *([_text(v) for v in one.values()] for one in records)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(indent + "  ".join(cells).rstrip())


def note(text: str) -> None:
    """A remark for the person at the keyboard."""
    print(f"siyu: {text}", file=sys.stderr)


def _of_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(one)}" for name, one in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "-"
    return value.isoformat() if isinstance(value, date) else str(value)


def _print_json(value: Any) -> None:
    print(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def _plain(value: date) -> str:
    return value.isoformat()
