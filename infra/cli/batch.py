"""`siyu codes batch`: the codes of a CSV file, as pictures, a sheet of labels and a list.

A row always gets the same code, so a run that was cut short is simply run again.
"""

from __future__ import annotations

import hashlib
from argparse import Namespace
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from infra.cli import files
from infra.cli.output import note, show
from infra.codes.specs import BadRow, read_specs
from siyu.domain.issued_codes import CodeSpec
from siyu.secrets import secrets
from siyu.services import issue_codes, manage_store
from siyu.services.issue_codes import Issued
from siyu.storage.codes import StoreKeys
from siyu.wechat.client import ErrcodeError

# Not more than the models keep connections for; far from the table they hide the way there.
THREADS = 8
Item = TypeVar("Item")


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
        # Read here, once: the threads then share clients that are made already.
        self._wecom = wecom and secrets().wecom is not None
        stores = {row.spec.store for row in rows}
        self._keys: dict[str, StoreKeys] = {one: manage_store.versions(one) for one in stores}

    def make(self) -> list[Made]:
        """Raises RefusalError, UnavailableError; what was made until then stays."""
        with ThreadPoolExecutor(THREADS) as pool:
            work = pool.map(self._one, self._rows)
            try:
                return list(progress(work, len(self._rows), "codes"))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def dead(self, made: Iterable[Made]) -> int:
        """How many of them were made earlier and revoked since."""
        found = (one.issued.code for one in made)
        return sum(
            code.revoked_at is not None or code.key_version in self._keys[code.spec.store].revoked
            for code in found
        )

    def _one(self, row: Row) -> Made:
        store = self._keys[row.spec.store]
        issued = issue_codes.issue(row.spec, self._now, row.origin, store)
        if not self._wecom:
            return Made(row, issued)
        try:
            return Made(row, issue_codes.befriend(issued))
        except ErrcodeError as error:
            return Made(row, issued, str(error))


def batch_command(options: Namespace, now: datetime) -> int:
    specs, bad = read_specs(options.file)
    for row in bad:
        note(f"line {row.line}: {'; '.join(row.reasons)}")
    name = options.name or hashlib.sha256(options.file.read_bytes()).hexdigest()[:16]
    rows = list(_rows(options.file, name, specs, bad))
    batch = Batch(rows, now, wecom=options.wecom)
    made = batch.make()
    problems = [one for one in made if one.problem]
    for one in problems:
        note(f"line {one.row.line}: the code is made, but WeCom refuses its guide: {one.problem}")
    _write(options, made)
    if dead := batch.dead(made):
        note(f"{dead:,} of these codes are revoked; another --name makes new ones")
    if bad:
        note(f"mend the file and run it again with --name {name}: what was made stays as it is")
    show(
        {"batch": name, "codes": len(made), "bad_rows": len(bad), "folder": str(options.out)},
        as_json=options.json,
    )
    return 1 if bad or problems else 0


def progress(items: Iterable[Item], total: int, label: str) -> Iterator[Item]:
    """A bar, where somebody looks at it."""
    return iter(tqdm(items, total=total, desc=label, unit="", disable=None))


def _rows(path: Path, name: str, specs: list[CodeSpec], bad: list[BadRow]) -> Iterator[Row]:
    lines = files.good_lines(path, {row.line for row in bad})
    for line, spec, origin in zip(lines, specs, issue_codes.origins(name, specs), strict=True):
        yield Row(line, spec, origin)


def _write(options: Namespace, made: list[Made]) -> None:
    """The list first: it is what the rest can be made from again."""
    found = [files.Printed(one.row.line, one.issued.token, one.row.spec) for one in made]
    options.out.mkdir(parents=True, exist_ok=True)
    files.write_list(options.out / "codes.csv", found, options.origin)
    with files.drawing(options.out, found, options.origin, with_png=options.png) as drawn:
        sheet = progress(found, len(found), "sheet")
        files.write_labels(options.out / "sheet.html", sheet, _title(options), options.origin)
        for _ in progress(drawn, len(found), "pictures"):
            pass


def _title(options: Namespace) -> str:
    return str(options.title or options.file.stem)
