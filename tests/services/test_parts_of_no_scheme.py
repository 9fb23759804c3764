"""A night in parts takes the labels of a scheme that ended, also where it was the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest

from siyu.domain.label_book import LabelBook
from siyu.domain.night_report import NO_SCHEME
from siyu.domain.schemes import DEFAULT, Schemes
from siyu.services import segment_parts
from siyu.services.segment_members import reports_of, segment_members
from siyu.storage import keys, schemes
from tests.services.crowd import books, crowd
from tests.services.shop import TODAY
from tests.support import dump

NEXT = TODAY + timedelta(days=1)
HALVES = (range(keys.AGGREGATE_SHARDS // 2), range(32, keys.AGGREGATE_SHARDS))


@pytest.fixture(autouse=True)
def two_parts() -> Iterator[None]:
    with patch.object(segment_parts, "PARTS", HALVES):
        yield


def test_the_last_scheme_ends_part_by_part_and_the_night_is_over_then() -> None:
    crowd(40)
    segment_members(TODAY)
    schemes.append(Schemes(), replace(DEFAULT, version=2, enabled=False, effective_from=NEXT), {})
    assert segment_parts.begin_parts(NEXT) == NEXT
    for shards in HALVES:
        segment_parts.tally_part(NEXT, shards)
    pages = segment_parts.publish_lines(NEXT)
    assert reports_of(NEXT) is None
    for shards in HALVES:
        segment_parts.label_part(NEXT, shards, pages)
    assert set(map(LabelBook.pack, books().values())) == {"-"}
    assert segment_parts.begin_parts(NEXT) == NEXT
    (report,) = segment_parts.finish_parts(NEXT)
    assert (report.scheme, report.members) == (NO_SCHEME, 0)
    before = dump()
    assert segment_parts.finish_parts(NEXT) == [report]
    assert segment_parts.begin_parts(NEXT) is None
    assert dump() == before
