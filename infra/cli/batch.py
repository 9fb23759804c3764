"""`siyu codes batch`: the codes of a CSV file, as pictures, a sheet of labels and a list.

A row always gets the same code, so a run that was cut short is simply run again.
"""

from __future__ import annotations

import hashlib
from argparse import Namespace
from dataclasses import dataclass
from datetime import datetime

from infra.cli import files
from infra.cli.output import note, show
from infra.cli.work import each, progress
from infra.codes.specs import GoodRow, read_specs
from siyu.domain.calendar import business_date
from siyu.domain.issued_codes import CodeSpec
from siyu.secrets import secrets
from siyu.services import issue_codes
from siyu.services.issue_codes import Issued
from siyu.wechat.client import ErrcodeError


@dataclass(frozen=True, slots=True)
class Row:
    """A good row; `line` is where it stands in the file."""

    line: int
    spec: CodeSpec
    origin: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a row came to; `problem` is what WeCom said against its guide."""

    row: Row
    issued: Issued
    problem: str | None = None


class Batch:
    """Makes the codes of rows as of one moment."""

    def __init__(self, rows: list[Row], now: datetime, *, wecom: bool) -> None:
        self._rows = rows
        self._now = now
        # Read here, once: the threads find the secrets there already.
        self._wecom = secrets().wecom is not None and wecom

    def make(self) -> list[Made]:
        """Raises RefusalError, UnavailableError; what was made until then stays."""
        return each(self._one, self._rows, "codes")

    def _one(self, row: Row) -> Made:
        issued = issue_codes.issue(row.spec, self._now, row.origin)
        if not self._wecom:
            return Made(row, issued)
        try:
            return Made(row, issue_codes.befriend(issued))
        except ErrcodeError as error:
            return Made(row, issued, str(error))


def batch_command(options: Namespace, now: datetime) -> int:
    good, bad = read_specs(options.file)
    for row in bad:
        note(f"line {row.line}: {'; '.join(row.reasons)}")
    name = options.name or hashlib.sha256(options.file.read_bytes()).hexdigest()[:16]
    files.take_folder(options.out, name)
    note(f"batch {name}: run again with --name {name}, it goes on where it was")
    made = Batch(_rows(name, good), now, wecom=options.wecom).make()
    problems = [one for one in made if one.problem]
    for one in problems:
        note(f"line {one.row.line}: the code is made, but WeCom refuses its guide: {one.problem}")
    if made:
        _write(options, made)
    today = business_date(now)
    over = sum((one.row.spec.valid_until or today) < today for one in made)
    if over:
        note(f"{over:,} of these codes are over already: their last day has passed")
    dead = sum(one.issued.code.revoked_at is not None for one in made)
    if dead:
        note(f"{dead:,} of these codes are revoked; another --name makes new ones")
    if bad:
        note(f"mend the file and run it again with --name {name}: what was made stays as it is")
    show(
        {"batch": name, "codes": len(made), "bad_rows": len(bad), "folder": str(options.out)},
        as_json=options.json,
    )
    return 1 if bad or problems or dead or over else 0


def _rows(name: str, good: list[GoodRow]) -> list[Row]:
    origins = issue_codes.origins(name, (row.spec for row in good))
    return [Row(one.line, one.spec, origin) for one, origin in zip(good, origins, strict=True)]


def _write(options: Namespace, made: list[Made]) -> None:
    """The list first: it is what the rest can be made from again."""
    found = [files.Printed(one.row.line, one.issued.token, one.row.spec) for one in made]
    files.write_list(options.out / "codes.csv", found, options.origin)
    with files.drawing(options.out, found, options.origin, with_png=options.png) as drawn:
        sheet = progress(found, len(found), "sheet")
        files.write_labels(options.out / "sheet.html", sheet, _title(options), options.origin)
        for _ in progress(drawn, len(found), "pictures"):
            pass


def _title(options: Namespace) -> str:
    return str(options.title or options.file.stem)
