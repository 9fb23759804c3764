"""Writes the files of a run; they appear together and whole, or not at all."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from infra.codes.table import UnusableFileError
from infra.segment.money import Money
from infra.segment.scoring import Scored
from infra.segment.why import Whys, days_text, orders_text
from siyu.domain.segments import Label

MEMBERS, BAD_ROWS, REPORT = "members.csv", "bad_rows.csv", "report.html"
UNFINISHED = ".{}.part"
OURS = frozenset(
    form.format(name) for name in (MEMBERS, BAD_ROWS, REPORT) for form in ("{}", UNFINISHED)
)
MEMBER_COLUMNS = (
    "member", "recency_days", "frequency", "monetary", "r", "f", "m", "group", "stage", "aipl",
    "why",
)  # fmt: skip
# What spreadsheets take for the beginning of a formula, and our own mark of it.
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'")


def prepare(folder: Path) -> None:
    """Make a folder for our files. Raises UnusableFileError if it holds anything else, such as a
    folder of the name of a file of ours."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = sorted(
            one.name for one in folder.iterdir() if one.name not in OURS or not one.is_file()
        )
    except OSError as error:
        raise UnusableFileError(f"{folder}: {error.strerror or 'cannot be used'}") from error
    if others:
        raise UnusableFileError(
            f"{folder}: holds something else ({others[0]}); name a folder of its own with --out"
        )


@contextmanager
def together(folder: Path) -> Iterator[Callable[[str], TextIO]]:
    """Gives files to write by their names, and puts all into their places when all are complete, so
    that no list lies beside the report of another run. Raises UnusableFileError.

    Tables begin with a byte order mark, or Excel takes them for another encoding.
    """
    unfinished: dict[Path, Path] = {}
    try:
        with ExitStack() as files:

            def begin(name: str) -> TextIO:
                part = unfinished[folder / name] = folder / UNFINISHED.format(name)
                encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
                return files.enter_context(part.open("w", encoding=encoding, newline=""))

            yield begin
        for path, part in unfinished.items():
            part.replace(path)
    except OSError as error:
        raise UnusableFileError(f"{folder}: {error.strerror or 'cannot be written'}") from error
    finally:
        for part in unfinished.values():
            part.unlink(missing_ok=True)


def write_members(text: TextIO, scored: Scored, money: Money) -> None:
    """A line for each customer, by id; ids that look like formulas have an apostrophe before
    them."""
    text.write(",".join(MEMBER_COLUMNS) + "\n")
    text.writelines(member_lines(scored, money))


def write_bad_rows(text: TextIO, bad: Iterable[tuple[int, str]]) -> None:
    """The rows that were left out, by line. Quotation marks in the middle of a line do not keep a
    program from parting it at semicolons, so these are written as Python would."""
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("line", "reason"))
    rows.writerows((line, reason.replace(";", "\\x3b")) for line, reason in bad)


def harmless(member: str) -> str:
    """An id that no spreadsheet calculates. Take one apostrophe away to have it back."""
    return f"'{member}" if member.startswith(FORMULA_SIGNS) else member


def member_lines(scored: Scored, money: Money) -> Iterator[str]:
    """A line of CSV for each customer; monetary is in the major unit, scores and group are empty
    for who is not scored, recency for who has no purchase that stands.

    Only the id is somebody else's text. csv.writer would look at every letter of the rest.
    """
    one, whys, today = scored.customers, Whys(scored, money), scored.as_of.toordinal()
    known: dict[int, tuple[str, str]] = {}
    columns = (scored.numbers, one.ids, one.last_days, one.joined_days, one.orders, one.net)
    for at, (number, member, last, joined, orders, net) in enumerate(zip(*columns, strict=True)):
        if number not in known:
            known[number] = _labels(scored.label(number)), whys.sentence(at)
        labels, sentence = known[number]
        days, grouped = days_text(today - (last or joined)), money.grouped(net)
        why = sentence.format(days, orders_text(orders), grouped)
        idle = today - last if last else ""
        cells = f"{_cell(harmless(member))},{idle},{orders},{money.plain(net)},{labels}"
        yield f'{cells},"{why}"\n'


def _labels(label: Label) -> str:
    """Scores, group, stage and AIPL stage as cells."""
    scores = label.scores or ("", "", "")
    return ",".join(map(str, (*scores, label.group or "", label.stage, label.aipl)))


def _cell(text: str) -> str:
    """A cell of printable text. It stays one cell where lists are parted by semicolons."""
    if '"' in text or "," in text or ";" in text:
        return '"' + text.replace('"', '""') + '"'
    return text
