"""Scenario 21: the night is triggered twice, dies half-way and is run again; it is triggered a
second before midnight and a second after it. Each Shanghai day has one result, each member once."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from siyu.errors import ContentionError
from siyu.storage import nights
from siyu.storage.labels import STATEMENTS_PER_BATCH
from tests.faults import Fault, KilledError
from tests.functions.calls import Event, call
from tests.segmentation.accidents import meanwhile, night_line
from tests.segmentation.copies import Table, restore
from tests.services.crowd import crowd
from tests.services.shop import TODAY
from tests.sigkill import killed
from tests.support import at_once, dump, empty_table

MEMBERS = 120
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
SECOND_BEFORE, SECOND_AFTER = f"{TODAY}T15:59:59Z", f"{TODAY}T16:00:01Z"
TONIGHT = f"{TODAY - timedelta(days=1)}T18:30:00Z"


def due(scheduled_for: str) -> Event:
    return {"scheduled_for": scheduled_for}


def night(scheduled_for: str) -> Any:
    return call("segment_nightly", due(scheduled_for))


@cache
def quiet() -> tuple[Table, Table, list[str]]:
    """A shop that had a night and has many more members since; the same after the next night; and
    the calls of that."""
    empty_table()
    crowd(20, seed=3)
    night(f"{TODAY - timedelta(days=2)}T18:30:00Z")
    for seed in (1, 2):
        crowd(MEMBERS // 2, seed=seed)
    before = dump()
    with night_line() as line:
        night(TONIGHT)
    return before, dump(), line.calls


def results() -> Counter[str]:
    """What nights have left: reports, lines and pages by day."""
    return Counter(
        f"{sk.partition('#')[0]}#{sk.rpartition('#')[2]}" if "#" in sk else f"PAGE#{sk}"
        for pk, sk in dump()
        if pk.startswith("SEG") and not sk.endswith(str(YESTERDAY))
    )


def moved(day: date) -> Counter[str]:
    """How often each member is on the pages of a night."""
    report = nights.runs(day, ["default"])["default"]
    pages = nights.pages("default", day, report.page_shards)
    return Counter(one.member_id for one in pages)


def test_a_night_that_is_triggered_twice_is_run_once() -> None:
    before, after, _ = quiet()
    restore(before)
    first = night(TONIGHT)
    assert first["as_of"] == str(TODAY)
    assert night(TONIGHT) == first
    assert night(f"{TODAY}T15:00:00Z") == first
    assert dump() == after
    assert results() == {f"T#{TODAY}": 1, f"RUN#{TODAY}": 1, f"PAGE#{TODAY}": 1}
    assert len(moved(TODAY)) >= MEMBERS
    assert set(moved(TODAY).values()) == {1}


def test_a_night_that_died_half_way_is_finished_by_the_next_run() -> None:
    before, after, calls = quiet()
    writes = [place for place, name in enumerate(calls, 1) if name == "BatchExecuteStatement"]
    half = writes[len(writes) // 2]
    restore(before)

    def dies(number: int, _operation: str) -> str | None:
        return "killed before" if number == half else None

    with pytest.raises(KilledError), night_line(dies):
        night(TONIGHT)
    labelled = {key: item["lb"] for key, item in dump().items() if "lb" in item}
    written = [key for key, text in labelled.items() if text != before[key]["lb"]]
    assert len(written) == len(writes) // 2 * STATEMENTS_PER_BATCH
    assert results() == {f"T#{TODAY}": 1}
    night(TONIGHT)
    assert dump() == after
    assert set(moved(TODAY).values()) == {1}


def test_a_process_that_is_really_killed_half_way() -> None:
    before, after, calls = quiet()
    restore(before)
    half = calls.index("BatchExecuteStatement") + 2
    assert killed("segment_nightly", [(half, "after", due(TONIGHT))]) == [-signal.SIGKILL]
    assert dump() != after
    night(TONIGHT)
    assert dump() == after


def test_a_second_before_midnight_and_a_second_after_are_two_nights() -> None:
    before, _, _ = quiet()
    restore(before)
    assert night(SECOND_BEFORE)["as_of"] == str(TODAY)
    assert night(SECOND_AFTER)["as_of"] == str(TOMORROW)
    after = dump()
    for again in (SECOND_BEFORE, SECOND_AFTER, SECOND_BEFORE):
        night(again)
    assert dump() == after
    assert {name: count for name, count in results().items() if "PAGE" not in name} == {
        f"{what}#{day}": 1 for what in ("T", "RUN") for day in (TODAY, TOMORROW)
    }
    for day in (TODAY, TOMORROW):
        assert set(moved(day).values()) <= {1}


def test_the_same_night_at_once() -> None:
    """Who began last runs it; the others are to be run again, and find it over."""
    before, after, _ = quiet()
    restore(before)
    answers = at_once(4, lambda _: night(TONIGHT))
    stopped = [one for one in answers if isinstance(one, Exception)]
    assert len(stopped) < 4
    assert {type(one) for one in stopped} <= {ContentionError}
    assert all(night(TONIGHT) == answer for answer in answers if answer not in stopped)
    assert dump() == after


def test_the_same_night_at_once_in_processes() -> None:
    before, after, _ = quiet()
    restore(before)
    never = [(0, "before", due(TONIGHT))]
    ended = at_once(2, lambda _: killed("segment_nightly", never))
    assert [0] in ended
    assert [one for one in ended if one not in ([0], [1])] == []
    assert dump() == after


@cache
def both_nights() -> tuple[Table, Table]:
    """The table after the night a second after midnight: alone, and after the one before."""
    before, _, _ = quiet()
    restore(before)
    night(SECOND_AFTER)
    alone = dump()
    restore(before)
    night(SECOND_BEFORE)
    night(SECOND_AFTER)
    return alone, dump()


MORE = [pytest.param(place, marks=pytest.mark.slow) for place in (9, 13, 40, 76, 79, -2)]


@pytest.mark.parametrize("place", [1, 12, 78, 81, -1, 0, *MORE])
def test_a_night_that_begins_while_another_runs(place: int) -> None:
    """The second one waits for nobody: it finishes what the first has begun."""
    before, _, calls = quiet()
    alone, in_turn = both_nights()
    restore(before)
    fault: Fault = meanwhile(
        place if place > 0 else len(calls) + place, lambda: night(SECOND_AFTER)
    )
    with night_line(fault), suppress(ContentionError):
        night(SECOND_BEFORE)
    night(SECOND_BEFORE)
    night(SECOND_AFTER)
    assert dump() in (alone, in_turn)
    if place not in (1, 9, 12):
        assert dump() == in_turn
