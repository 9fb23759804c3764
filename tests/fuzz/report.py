"""The table of what was reached, and by whom."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fuzz.crowd import DIRECTED, FUZZ
from tests.fuzz.document import Operation

Statuses = Mapping[Operation, set[int]]
HEAD = ("operation", "reached by fuzz", "by a directed request", "NOT REACHED", "UNDOCUMENTED")


def rows(named: Statuses, answered: Mapping[str, Statuses]) -> list[tuple[str, ...]]:
    """One row an operation; the last two columns are to be empty."""
    return [_row(operation, named[operation], answered) for operation in sorted(named, key=_path)]


def table(body: list[tuple[str, ...]]) -> str:
    lines = [HEAD, *body]
    widths = [max(len(row[column]) for row in lines) for column in range(len(HEAD))]
    texts = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in lines]
    return "\n".join([texts[0], "  ".join("-" * width for width in widths), *texts[1:]])


def faults(body: list[tuple[str, ...]]) -> list[str]:
    """The statuses that nobody reached and those that no document names."""
    found = []
    for operation, _, _, missing, undocumented in body:
        found += [f"{operation}: {missing} not reached"] if missing else []
        found += [f"{operation}: {undocumented} not documented"] if undocumented else []
    return found


def _row(
    operation: Operation, named: set[int], answered: Mapping[str, Statuses]
) -> tuple[str, ...]:
    fuzz = answered[FUZZ].get(operation, set())
    directed = answered[DIRECTED].get(operation, set())
    columns = (named & fuzz, named & directed - fuzz, named - fuzz - directed)
    return (operation, *map(_text, (*columns, (fuzz | directed) - named)))


def _text(statuses: set[int]) -> str:
    return " ".join(map(str, sorted(statuses)))


def _path(operation: Operation) -> tuple[str, str]:
    method, _, path = operation.partition(" ")
    return path, method
