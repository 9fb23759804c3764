"""The state machine of the night leaves what one process would, whatever happens to its tasks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from pydantic import ValidationError

from siyu.aws import client
from siyu.domain.schemes import Cutting, Scheme, Schemes
from siyu.errors import ContentionError
from siyu.services.segment_members import segment_members
from siyu.services.segment_parts import publish_lines, ranges
from siyu.storage import keys, nights, rows, schemes
from siyu.storage.items import Item
from tests.faults import Fault, KilledError, Line
from tests.functions.calls import call
from tests.functions.night_crowd import SCHEMES, TONIGHT, buy, publish_schemes, put_crowd, restore
from tests.machine import FailedError, Machine
from tests.machine import load as load_machine
from tests.support import at_once, dump
from tests.template.reading import ROOT

MEMBERS = 300
TOMORROW = TONIGHT + timedelta(days=1)
GIVEN = {"as_of": TOMORROW.isoformat()}
DEFINITION = load_machine(
    ROOT / "infra/segment_night.asl.yaml", {"Partition": "aws", "SegmentPart": "segment-part"}
)
Table = dict[tuple[str, str], dict[str, Any]]


def part(payload: dict[str, Any]) -> Any:
    return call("segment_part", payload)


def after_the_night() -> Table:
    """The table without what a night in parts keeps for itself."""
    return {key: item for key, item in dump().items() if item["kind"]["S"] != "PART"}


@pytest.fixture(autouse=True)
def pages_of_four() -> Iterator[None]:
    """As many pages as one process would make of some ten thousand members, so that both tables can
    be compared byte for byte."""
    with patch("siyu.storage.nights.MEMBERS_PER_PAGE", 4):
        yield


@pytest.fixture
def few_parts() -> Iterator[None]:
    """Four parts of sixteen shards each, which is quicker and comes to the same."""
    some = tuple(range(first, first + 16) for first in range(0, keys.AGGREGATE_SHARDS, 16))
    with patch("siyu.services.segment_parts.PARTS", some):
        yield


@pytest.fixture(scope="module")
def crowd() -> Table:
    """Members and schemes of whom one night is over; then some bought, and a day went by."""
    restore([])
    put_crowd(MEMBERS)
    publish_schemes()
    segment_members(TONIGHT)
    buy(range(5, MEMBERS, 9), TOMORROW)
    return dump()


@pytest.fixture(scope="module")
def one_process(crowd: Table) -> Table:
    with patch("siyu.storage.nights.MEMBERS_PER_PAGE", 4):
        restore(crowd.values())
        reports = segment_members(TOMORROW)
        assert {one.scheme for one in reports} == {"default", *(one.name for one in SCHEMES)}
        assert all(report.changed for report in reports)
        assert {one.page_shards for one in reports} == {keys.AGGREGATE_SHARDS}
        return dump()


@pytest.mark.slow
def test_the_machine_leaves_what_one_process_does(crowd: Table, one_process: Table) -> None:
    restore(crowd.values())
    assert dump() == crowd
    over = {**GIVEN, "over": True}
    assert Machine(DEFINITION, part).run(GIVEN) == over
    assert after_the_night() == one_process
    assert nights.runs(TOMORROW, ["default"])["default"].members > MEMBERS * 9 // 10
    # Whoever moved is found in pages of a night in parts, however few members there are.
    moved = next(nights.pages("default", TOMORROW, keys.AGGREGATE_SHARDS))
    assert TOMORROW in dict(nights.history("default", moved.member_id, 1))
    # Over is over: nothing is read or written by another execution.
    before = dump()
    assert Machine(DEFINITION, part).run(GIVEN) == over
    assert dump() == before


@pytest.mark.usefixtures("few_parts")
def test_every_task_may_run_again_after_it_was_done(crowd: Table, one_process: Table) -> None:
    restore(crowd.values())

    def twice(payload: dict[str, Any]) -> Any:
        answers = [part(payload), part(payload)]
        assert answers[0] == answers[1]
        return answers[0]

    Machine(DEFINITION, twice).run(GIVEN)
    assert after_the_night() == one_process
    for payload in ({"step": "publish"}, {"step": "finish"}, {"step": "tally", "shards": [16, 32]}):
        part({**GIVEN, **payload})
    part({**GIVEN, "step": "label", "shards": [0, 16], "page_shards": 64})
    assert after_the_night() == one_process


@pytest.mark.usefixtures("few_parts")
def test_two_executions_at_once_leave_one_night(crowd: Table, one_process: Table) -> None:
    restore(crowd.values())
    done = at_once(2, lambda number: Machine(DEFINITION, part, seed=number).run(GIVEN))
    assert not [one for one in done if isinstance(one, Exception)]
    assert after_the_night() == one_process


@contextmanager
def everywhere(fault: Fault) -> Iterator[None]:
    """An accident may happen to any call to the table, whichever client makes it."""
    with ExitStack() as undo:
        broken = Line(fault)
        undo.callback(broken.close)
        model: Any = Item._get_connection().connection.client
        for one in (model, client("dynamodb"), rows._client()):
            one.meta.events.register("before-send.dynamodb", broken)
            undo.callback(one.meta.events.unregister, "before-send.dynamodb", broken)
        yield


def attempt(retries: list[int], seed: int) -> bool:
    """Whether an execution came to its end; the others were killed."""
    machine = Machine(DEFINITION, part, seed + len(retries))
    try:
        machine.run(GIVEN)
    except FailedError as failed:
        if str(failed) != KilledError.__name__:
            raise
        return False
    finally:
        retries.append(machine.retries)
    return True


@pytest.mark.slow
@pytest.mark.usefixtures("few_parts")
@pytest.mark.parametrize("seed", range(4))
def test_killed_anywhere_and_resumed(crowd: Table, one_process: Table, seed: int) -> None:
    restore(crowd.values())
    chance = random.Random(seed)
    retries: list[int] = []

    def accident(_number: int, _operation: str) -> str | None:
        if chance.random() > 0.03:
            return None
        return chance.choice(["killed before", "killed after"])

    with everywhere(accident):
        while not attempt(retries, seed):
            assert len(retries) < 100, "no execution came to its end"
    assert sum(retries) > 5
    assert after_the_night() == one_process


@pytest.mark.usefixtures("few_parts")
def test_who_buys_while_the_night_runs_does_not_move_its_lines(crowd: Table) -> None:
    restore(crowd.values())
    part({**GIVEN, "step": "begin"})
    for shards in ranges():
        part({**GIVEN, "step": "tally", "shards": shards})
    before = dump()
    part({**GIVEN, "step": "publish"})
    drawn = nights.cut_points(TOMORROW, ["default", "harbour", "spring"])
    restore(before.values())
    buy(range(4, MEMBERS, 2), TOMORROW)
    part({**GIVEN, "step": "tally", "shards": [0, 16]})
    # Also by a task that had looked for parts before the first one was written.
    with patch("siyu.storage.parts.names", return_value=frozenset()):
        part({**GIVEN, "step": "tally", "shards": [16, 32]})
    part({**GIVEN, "step": "publish"})
    assert nights.cut_points(TOMORROW, ["default", "harbour", "spring"]) == drawn


@pytest.mark.usefixtures("few_parts")
def test_a_scheme_that_counts_since_the_night_began_makes_it_run_again(crowd: Table) -> None:
    restore(crowd.values())
    Machine(DEFINITION, part).run(GIVEN)
    late = Schemes((*SCHEMES, Scheme("late", cutting=Cutting.MONTHLY)))
    schemes.append(Schemes(SCHEMES), late.published[-1], {})
    with pytest.raises(ContentionError, match="tally#late@1"):
        publish_lines(TOMORROW)
    with pytest.raises(ContentionError, match="no lines"):
        part({**GIVEN, "step": "label", "shards": [0, 16], "page_shards": 64})
    Machine(DEFINITION, part).run(GIVEN)
    assert "late" in nights.runs(TOMORROW, ["late"])


@pytest.mark.usefixtures("few_parts")
def test_a_night_that_was_never_finished_is_run_first(crowd: Table) -> None:
    restore(crowd.values())
    part({**GIVEN, "step": "begin"})
    buy(range(4, MEMBERS, 5), TOMORROW)
    before = dump()
    later = {"as_of": (TOMORROW + timedelta(days=1)).isoformat()}
    segment_members(TOMORROW + timedelta(days=1))
    one_process = dump()
    restore(before.values())
    Machine(DEFINITION, part).run(later)
    assert after_the_night() == one_process
    assert nights.runs(TOMORROW, ["default"])


@pytest.mark.usefixtures("few_parts")
def test_a_night_that_a_later_one_overtook_does_nothing(one_process: Table) -> None:
    restore(one_process.values())
    late = {"as_of": TONIGHT.isoformat()}
    part({**late, "step": "publish"})
    part({**late, "step": "tally", "shards": [0, 16]})
    part({**late, "step": "label", "shards": [0, 16], "page_shards": 64})
    assert part({**late, "step": "finish"}) == late
    assert dump() == one_process


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"step": "open"},
        {"step": "begin", "shards": [0, 16]},
        {"step": "tally"},
        {"step": "tally", "shards": [0]},
        {"step": "label", "shards": [0, 16], "page_shards": 0},
        {"step": "finish", "as_of": "yesterday"},
    ],
)
def test_what_is_no_task_fails_aloud(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        part({**GIVEN, **wrong})
    with pytest.raises(LookupError, match="no part"):
        part({**GIVEN, "step": "tally", "shards": [0, 64]})
