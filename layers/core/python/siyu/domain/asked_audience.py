"""An audience that somebody asked for: by which lines, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from siyu.domain.cut_points import CutPoints
from siyu.domain.published import Published
from siyu.domain.schemes import Scheme

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
# The problem of a try that was never heard of again: the function ran out of time or memory.
INTERRUPTED = "interrupted"
# As long as the bucket keeps the file.
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Basis:
    """By what members are placed: a scheme, its lines, and the night they are of."""

    scheme: Scheme
    cuts: CutPoints
    as_of: date

    @classmethod
    def of(cls, published: Published | None, name: str) -> "Basis | None":
        """The basis of a scheme, as the last night published it; None if none did."""
        if published is not None:
            for scheme, cuts in published.schemes:
                if scheme.name == name:
                    return cls(scheme, cuts, published.night)
        return None


@dataclass(frozen=True, slots=True)
class Audience:
    """What was asked for (`query` is its JSON), by whom and when (aware), and what became of it:
    `members` and `size` in bytes once it is done, `problem` once it failed, and for as long as a
    try runs `interrupted`: so it stays when nothing is heard of it. `attempts` are all tries."""

    audience_id: str
    query: Mapping[str, Any]
    basis: Basis
    asked_by: str
    asked_at: datetime
    state: str = WAITING
    members: int | None = None
    size: int | None = None
    problem: str | None = None
    attempts: int = 0

    @property
    def ends_at(self) -> datetime:
        """When it and its file are gone."""
        return self.asked_at + KEPT
