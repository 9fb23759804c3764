"""A night writes in slices, and of two runs the one that is further keeps what it published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from siyu.errors import ContentionError
from siyu.services.segment_members import begin, segment_members
from siyu.storage import nights
from tests.services.crowd import codes, crowd, table_answers
from tests.services.shop import TODAY
from tests.support import dump


def test_a_night_that_stopped_has_saved_the_slices_it_wrote() -> None:
    crowd(12)
    calls = 0

    def reply(statements: int) -> dict[str, Any] | None:
        nonlocal calls
        calls += 1
        throttled = {"Error": {"Code": "ThrottlingError", "Message": "no"}}
        return {"Responses": [throttled] * statements} if calls > 2 else None

    with (
        patch("siyu.services.place_members.MEMBERS_AT_ONCE", 4),
        patch("siyu.storage.backoff.time.sleep"),
    ):
        with table_answers(reply), pytest.raises(ContentionError):
            segment_members(TODAY)
        assert sum(code is not None for code in codes().values()) == 8
        (report,) = segment_members(TODAY)
    assert (report.changed, report.read, sum(report.flows.values())) == (12, 12, 12)


def test_what_a_further_run_of_the_night_published_stays() -> None:
    crowd(3)
    segment_members(TODAY - timedelta(days=1))
    begin(TODAY)
    begun = nights.last_published()
    assert begun is not None
    assert (begun.begun, begun.night) == (TODAY, TODAY - timedelta(days=1))
    segment_members(TODAY)
    before = dump()
    assert not nights.publish(replace(begun, schemes=()))
    assert dump() == before
