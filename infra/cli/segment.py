"""`siyu segment`: the segments of a file of orders, on this machine alone."""

from __future__ import annotations

import os
import re
import sys
from argparse import Namespace
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from infra.cli.checked import read_scheme
from infra.cli.output import note, show
from infra.codes.table import UnusableFileError
from infra.segment.book import Book
from infra.segment.files import (
    BAD_ROWS,
    MEMBERS,
    REPORT,
    prepare,
    together,
    write_bad_rows,
    write_members,
)
from infra.segment.folding import fold, last_day
from infra.segment.markup import share
from infra.segment.money import Money
from infra.segment.reading import read_book
from infra.segment.report import page
from infra.segment.result import Result
from infra.segment.scoring import score
from infra.segment.text import STANDARD_INPUT
from siyu.domain.schemes import DEFAULT, Scheme

SHOWN = 20


def segment_command(options: Namespace, _now: datetime) -> int:
    """0 done, bad rows or not; 2 the file, the scheme or the folder cannot be used."""
    scheme = _scheme(options.scheme)
    if scheme is None:
        return 2
    result = _result(options, read_book(options.file, options.currency), scheme)
    folder = options.out or _own_folder(result)
    prepare(folder)
    with together(folder) as begin:
        write_members(begin(MEMBERS), result.scored, result.money)
        write_bad_rows(begin(BAD_ROWS), result.bad)
        begin(REPORT).write(page(result))
    _tell_bad(result, folder)
    if options.json:
        show({**result.summary(), "out": str(folder)}, as_json=True)
    else:
        show(_for_people(result, folder), as_json=False)
    return 0


def _own_folder(result: Result) -> Path:
    """A folder for each file and day, or one shop's list would take the place of another's."""
    name = re.sub(r"(\.csv)?(\.gz)?$", "", result.name, flags=re.IGNORECASE)
    return Path(f"segments-{name}-{result.scored.as_of}")


def _scheme(path: Path | None) -> Scheme | None:
    """None when it was refused, which is told."""
    if path is None:
        return DEFAULT
    request = read_scheme(path)
    if request is not None and request.stores:
        note(f"{path}: stores: a file of orders does not say which store brought whom")
        return None
    return request.to_scheme() if request else None


def _result(options: Namespace, book: Book, scheme: Scheme) -> Result:
    """Raises UnusableFileError."""
    as_of = options.as_of or date.fromordinal(last_day(book))
    folded = fold(book, as_of.toordinal(), scheme.window_days)
    if not folded.customers.ids:
        raise UnusableFileError(f"{options.file}: no customer has an order up to {as_of}")
    scored = score(folded.customers, scheme, as_of)
    bad = sorted([*book.bad, *folded.orphans])
    # Names of files are any bytes; what is no text in them cannot be written in a page.
    name = os.fsencode(options.file.name).decode(errors="replace")
    name = "stdin" if options.file == STANDARD_INPUT else name
    return Result(name, book, folded, scored, Money(book.currency), bad)


def _tell_bad(result: Result, folder: Path) -> None:
    for line, reason in result.bad[:SHOWN]:
        print(f"{result.name}:{line}: {reason}", file=sys.stderr)
    if len(result.bad) > SHOWN:
        more = len(result.bad) - SHOWN
        note(f"{more:,} more rows are left out; all are in {folder / BAD_ROWS}")


def _for_people(result: Result, folder: Path) -> Mapping[str, Any]:
    summary, money, report = result.summary(), result.money, result.scored.report
    counts = ("members", "orders", "refunds", "bad_rows", "rows_after")
    amounts = {
        name: f"{money.currency} {money.grouped(one.net_minor)}"
        for name, one in result.sales.items()
        if one.net_minor or name == "members"
    }
    window = summary["window_days"]
    groups = [
        {
            "group": name,
            "members": f"{part.members:,}",
            "share": share(part.members, report.members),
            f"net sales, {money.currency}": money.grouped(part.net_minor),
        }
        for name, part in report.groups.items()
        if part.members
    ]
    return {
        "as_of": result.scored.as_of,
        **{name: f"{summary[name]:,}" for name in counts},
        **({} if window is None else {"window": f"{window} days"}),
        "net_sales": amounts.pop("members"),
        "net_sales_besides": amounts,
        "groups": groups,
        "report": folder / REPORT,
        "list": folder / MEMBERS,
    }
