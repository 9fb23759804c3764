"""Members as rows of the night: what is written of them, and what has to be read."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from siyu.domain.figures import Figures
from siyu.domain.label_book import EMPTY
from siyu.storage.columns import Columns, pack
from tests.support import NOW

TONIGHT = NOW.date()
TODAY = TONIGHT.toordinal()
WINDOWS = (None, 30, 90, 365)
SHARD = 5

buckets = st.dictionaries(
    st.integers(TODAY - 400, TODAY + 5),
    st.tuples(st.integers(0, 3), st.integers(-5_000, 90_000)),
    max_size=8,
)


@dataclass(frozen=True)
class Somebody:
    member_id: str
    figures: Figures
    counted: bool = True
    version: int = 1
    joined_day: int = TODAY - 300
    store: str = "A1B"
    book: str = EMPTY

    @property
    def z(self) -> str:
        return pack(
            self.member_id,
            self.figures,
            version=self.version,
            counted=self.counted,
            joined_day=self.joined_day,
            store=self.store,
        )


somebody = st.builds(
    Somebody,
    st.from_regex(r"[0-9a-z]{12}", fullmatch=True),
    st.builds(Figures, buckets),
    st.booleans(),
    st.integers(1, 10**6),
    st.integers(TODAY - 400, TODAY),
    st.sampled_from(["A1B", "B00", "ZZZ"]),
    st.sampled_from([EMPTY, "default=j1L,739942,e6L,o,c0P", "a=c0P,7,---,n;default=j1L,9,e6L,o"]),
)


def expected(people: list[Somebody], as_of: date) -> list[tuple[Any, ...]]:
    """By the figures of each, one by one."""
    today = as_of.toordinal()
    return [
        (
            one.member_id, one.version, one.joined_day, one.store,
            one.figures.last_day_by(today) or 0, one.book,
            *(one.figures.within(today, window) for window in WINDOWS),
        )
        for one in people
        if one.counted
    ]  # fmt: skip


def told(columns: Columns) -> list[tuple[Any, ...]]:
    pairs = [zip(*columns.windows[window], strict=True) for window in WINDOWS]
    return list(
        zip(
            columns.member_ids, columns.versions, columns.joined_days, columns.stores,
            columns.last_days, columns.books, *pairs, strict=True,
        )
    )  # fmt: skip


def raw(people: list[Somebody]) -> list[dict[str, Any]]:
    packed = [base64.b64encode(one.figures.pack()).decode() for one in people]
    return [
        {"z": {"S": one.z}, "lb": {"S": one.book}, "b": {"B": bytes_}}
        for one, bytes_ in zip(people, packed, strict=True)
    ]


def body_of(people: list[Somebody], last: str | None = None, **how: Any) -> bytes:
    found: dict[str, Any] = {"Items": raw(people), "Count": len(people)}
    found["ScannedCount"] = len(people)
    if last is not None:
        found["LastEvaluatedKey"] = {"PK": {"S": f"AGG#{SHARD}"}, "SK": {"S": last}}
    return json.dumps(found, **{"separators": (",", ":"), **how}).encode()


def crowd(size: int) -> list[Somebody]:
    """Members of all sorts, in the order of their ids."""
    randomness = random.Random(11)

    def figures() -> Figures:
        found = {}
        for _ in range(randomness.randint(0, 60)):
            day = TODAY - randomness.randint(-3, 400)
            found[day] = (randomness.randint(0, 2), randomness.randint(-900, 90_000))
        return Figures(found)

    return [
        Somebody(
            f"m{number:07}",
            figures(),
            counted=randomness.random() > 0.1,
            version=randomness.randint(1, 300),
            store=randomness.choice(["A1B", "B00"]),
            book=f"default=j1L,{TODAY - 1},e6L,n",
        )
        for number in range(size)
    ]
