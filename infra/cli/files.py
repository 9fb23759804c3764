"""The files of a batch; each is written anew, so what a killed run left half done is made whole."""

from __future__ import annotations

import csv
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path

from infra.codes.picture import link_of, png, svg
from infra.codes.sheet import Label, write_sheet
from infra.codes.table import UnusableFileError, read_rows
from siyu.domain.issued_codes import CodeSpec

PNG_SCALE = 10
COLUMNS = ("line", "token", "link", "store", "kind", "guide", "channel", "label")
CHUNK = 50
BATCH_FILE = "batch.txt"


@dataclass(frozen=True, slots=True)
class Printed:
    """A code to be printed; `line` is where it was ordered."""

    line: int
    token: str
    spec: CodeSpec


def take_folder(folder: Path, batch: str) -> None:
    """A folder holds one batch: its list is what a misprinted batch is revoked by.

    Raises UnusableFileError when it holds another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / BATCH_FILE
    held = mark.read_text(encoding="utf-8") if mark.exists() else batch
    if held != batch:
        raise UnusableFileError(
            f"{folder} holds batch {held}: go on with it by --name {held}, or take another folder"
        )
    mark.write_text(batch, encoding="utf-8")


def write_list(path: Path, codes: Iterable[Printed], origin: str) -> None:
    """UTF-8 with the mark by which spreadsheets know it; it appears whole or not at all."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8-sig", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(COLUMNS)
        for one in codes:
            spec = one.spec
            about = (spec.store, spec.kind.value, spec.guide, spec.channel, spec.label)
            rows.writerow((one.line, one.token, link_of(origin, one.token), *about))
    unfinished.replace(path)


def read_list(path: Path) -> list[tuple[int, str]]:
    """The tokens of a list, each with its line in it. Raises UnusableFileError."""
    rows = read_rows(path, ["token"], COLUMNS)
    return [(line, cells.raw("token")) for line, cells in rows]


@contextmanager
def drawing(
    folder: Path, codes: Iterable[Printed], origin: str, *, with_png: bool
) -> Iterator[Iterator[None]]:
    """Draws a picture of each code, named by its token, on all processors while other work goes on;
    yields what tells of each that is done."""
    (folder / "svg").mkdir(exist_ok=True)
    if with_png:
        (folder / "png").mkdir(exist_ok=True)
    work = partial(_draw, folder, origin, with_png)
    pool = ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_begin)
    try:
        yield pool.map(work, [one.token for one in codes], chunksize=CHUNK)
    finally:
        pool.shutdown(cancel_futures=True)


def write_labels(path: Path, codes: Iterable[Printed], title: str, origin: str) -> None:
    """The sheet for a printer."""
    write_sheet(path, (Label(one.token, one.spec) for one in codes), title, origin)


def _begin() -> None:
    """Ctrl-C is the command's to answer; should it be killed, its processes end as well."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def _draw(folder: Path, origin: str, with_png: bool, token: str) -> None:
    link = link_of(origin, token)
    (folder / "svg" / f"{token}.svg").write_text(svg(link), encoding="utf-8")
    if with_png:
        (folder / "png" / f"{token}.png").write_bytes(png(link, PNG_SCALE))
