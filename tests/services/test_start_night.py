"""A night too large for one process is handed to the state machine, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from siyu import aws
from siyu.domain.night_report import Report
from siyu.domain.schemes import DEFAULT, Scheme, Schemes
from siyu.services.start_night import members_before, one_process_members, run_night
from siyu.storage import nights, schemes
from siyu.storage.machine import start_night
from tests import step_functions
from tests.services.crowd import crowd
from tests.support import NOW, dump

TONIGHT = NOW.date()
WAITS = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The ARN of a machine that the code reaches as it reaches AWS's."""
    with (
        step_functions.step_functions(tmp_path_factory.mktemp("states")) as endpoint,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AWS_ENDPOINT_URL_SFN", endpoint)
        yield step_functions.create_machine(step_functions.client_at(endpoint), WAITS)
    aws.client.cache_clear()


def executions(machine: str) -> dict[str, Any]:
    """The input of each execution, by its name."""
    client = aws.client("stepfunctions")
    listed = client.list_executions(stateMachineArn=machine)["executions"]
    return {
        one["name"]: json.loads(
            client.describe_execution(executionArn=one["executionArn"])["input"]
        )
        for one in listed
    }


def report(scheme: str, members: int) -> None:
    last = TONIGHT - timedelta(days=1)
    nights.put_run(Report(scheme, 1, last, members=1, read=members))


def test_a_night_is_started_by_name_and_so_only_once(machine: str) -> None:
    night = TONIGHT + timedelta(days=9)
    before = executions(machine)
    for _ in range(3):
        start_night(machine, night)
    assert executions(machine) == before | {f"night-{night}": {"as_of": night.isoformat()}}


def test_a_machine_that_is_not_there_fails_aloud(machine: str) -> None:
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        start_night(f"{machine}-of-another", TONIGHT)


def test_the_machine_has_the_night_above_the_limit_and_no_other(machine: str) -> None:
    assert run_night(TONIGHT - timedelta(days=1), machine) is not None
    limit = one_process_members(TONIGHT)
    report("default", limit)
    assert run_night(TONIGHT, machine) is not None
    tomorrow = TONIGHT + timedelta(days=1)
    last = nights.runs(TONIGHT, ["default"])["default"]
    nights.put_run(replace(last, read=limit + 1))
    before = dump()
    assert [run_night(tomorrow, machine) for _ in range(2)] == [None, None]
    assert dump() == before
    assert f"night-{tomorrow}" in executions(machine)
    assert run_night(tomorrow, None) is not None


def test_the_largest_scheme_says_how_many_members_there_are() -> None:
    assert members_before(TONIGHT) == 0
    schemes.append(Schemes(), Scheme("whole", stores=()), {})
    report("default", 3)
    report("whole", 7)
    assert members_before(TONIGHT) == 7
    assert members_before(TONIGHT - timedelta(days=2)) == 0


def test_a_night_without_a_scheme_goes_through_everybody_all_the_same() -> None:
    report("whole", 7)
    published = Scheme("whole"), Scheme("whole", version=2, enabled=False)
    for one in (*published, replace(DEFAULT, version=2, enabled=False)):
        schemes.append(schemes.load(), one, {})
    assert schemes.load().on(TONIGHT) == ()
    assert members_before(TONIGHT) == 7


def test_the_more_schemes_the_fewer_members_one_process_holds() -> None:
    one = one_process_members(TONIGHT)
    schemes.append(Schemes(), Scheme("second", effective_from=TONIGHT), {})
    assert one_process_members(TONIGHT - timedelta(days=1)) == one
    assert one_process_members(TONIGHT) < one


def test_a_report_of_few_stores_says_how_many_members_were_read() -> None:
    schemes.append(Schemes(), replace(DEFAULT, version=2, stores=("N1N",)), {})
    crowd(3)
    [report] = run_night(TONIGHT, None) or []
    assert (report.members, report.read) == (0, 3)
    assert members_before(TONIGHT) == 3
