"""The state machine of the night waits, tries again and gives up as it should, and may little."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import step_functions
from tests.machine import Machine, load
from tests.template.reading import ROOT, functions, resources, template
from tests.template.test_functions import listed

ROLE = {"Ref": "SegmentNightMachineRole"}
MACHINE: dict[str, Any] = resources("AWS::Serverless::StateMachine")["SegmentNightMachine"][
    "Properties"
]
SUBSTITUTED = {"Partition": "aws", "SegmentPart": "arn:aws:lambda:us-east-1:0:function:part"}
DEFINITION = load(ROOT / MACHINE["DefinitionUri"], SUBSTITUTED)
RANGES = [[number, number + 1] for number in range(64)]
ANSWERS: dict[str, list[Any]] = {
    "Begin": [
        {"as_of": "2026-11-23", "over": False, "night": "2026-11-22", "ranges": RANGES},
        {"as_of": "2026-11-23", "over": False, "night": "2026-11-23", "ranges": RANGES},
        {"as_of": "2026-11-23", "over": True},
    ],
    "TallyPart": [{"as_of": "2026-11-23"}],
    "Publish": [{"as_of": "2026-11-23", "page_shards": 2048}],
    "LabelPart": [{"as_of": "2026-11-23"}],
    "Finish": [{"as_of": "2026-11-23", "members": 7, "changed": 3}],
}
CFN_LINT = ROOT / ".tools/sam/bin/cfn-lint"


def states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All states, those inside maps too."""
    for name, state in machine["States"].items():
        yield name, state
        yield from states(state.get("ItemProcessor", {"States": {}}))


TASKS = {name: state for name, state in states(DEFINITION) if state["Type"] == "Task"}
MAPS = {name: state for name, state in states(DEFINITION) if state["Type"] == "Map"}


def test_every_value_that_the_definition_wants_is_given() -> None:
    text = (ROOT / MACHINE["DefinitionUri"]).read_text("utf-8")
    given = MACHINE["DefinitionSubstitutions"]
    assert given.keys() == SUBSTITUTED.keys()
    assert all("${" + name + "}" in text for name in given)
    assert "${" not in json.dumps(DEFINITION)


@pytest.mark.parametrize("name", sorted(TASKS))
def test_task_outlasts_its_function_and_is_tried_again(name: str) -> None:
    task = TASKS[name]
    assert task["TimeoutSeconds"] > functions()["SegmentPartFunction"]["Timeout"]
    assert DEFINITION["TimeoutSeconds"] > 4 * task["TimeoutSeconds"]
    service, rest = task["Retry"]
    assert {"Lambda.TooManyRequestsException", "Lambda.ServiceException"} <= set(
        service["ErrorEquals"]
    )
    assert rest["ErrorEquals"] == ["States.ALL"]
    for retrier in task["Retry"]:
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["BackoffRate"] > 1
        assert 3 <= retrier["MaxAttempts"] <= 8


def test_nothing_is_caught_so_a_failed_execution_can_be_redriven() -> None:
    assert not [name for name, state in states(DEFINITION) if "Catch" in state]
    assert not [name for name, state in states(DEFINITION) if state["Type"] == "Fail"]


@pytest.mark.parametrize("name", sorted(MAPS))
def test_map_is_distributed_and_tolerates_no_missing_part(name: str) -> None:
    one = MAPS[name]
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert one["ItemProcessor"]["ProcessorConfig"] == config
    assert (one["MaxConcurrency"], one["ToleratedFailurePercentage"]) == (64, 0)
    # What the parts answer goes no further: 256 kB is all that may.
    assert one["ResultPath"] is None


def test_machine_may_call_its_function_run_its_parts_and_write_its_log() -> None:
    own = [one for policy in MACHINE["Policies"] for one in policy["Statement"]]
    apart = resources("AWS::IAM::Policy")["SegmentNightPartsPolicy"]["Properties"]
    assert apart["Roles"] == [ROLE]
    allowed = [*own, *apart["PolicyDocument"]["Statement"]]
    actions = {action: one["Resource"] for one in allowed for action in listed(one["Action"])}
    part = {"Ref": "SegmentPartFunction.Alias"}
    assert actions.pop("lambda:InvokeFunction") == part
    assert actions.pop("states:StartExecution") == {"Ref": "SegmentNightMachine"}
    for action in ("Describe", "Stop", "Redrive"):
        for resource in actions.pop(f"states:{action}Execution"):
            assert ":execution:${SegmentNightMachine.Name}" in resource["Fn::Sub"]
    # CloudWatch's deliveries of logs have no name that a policy could give.
    assert {action.partition(":")[0] for action in actions} == {"logs"}
    assert set(map(str, actions.values())) == {"*"}


def test_log_tells_of_failures_and_not_of_what_was_passed_on() -> None:
    logging = MACHINE["Logging"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)
    (one,) = logging["Destinations"]
    group = one["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"][0]
    assert template()["Resources"][group]["Type"] == "AWS::Logs::LogGroup"


def test_alarms_tell_of_a_failed_night_and_of_one_that_never_came() -> None:
    alarms = resources("AWS::CloudWatch::Alarm")
    failed = alarms["SegmentNightAlarm"]["Properties"]
    total, *ends = failed["Metrics"]
    assert total["Expression"] == f"SUM([{', '.join(one['Id'] for one in ends)}])"
    assert (failed["Threshold"], {one["MetricStat"]["Stat"] for one in ends}) == (0, {"Sum"})
    assert [one["MetricStat"]["Metric"] for one in ends] == [
        {
            "Namespace": "AWS/States",
            "MetricName": f"Executions{name}",
            "Dimensions": [{"Name": "StateMachineArn", "Value": {"Ref": "SegmentNightMachine"}}],
        }
        for name in ("Failed", "TimedOut", "Aborted")
    ]
    missed = alarms["NightMissedAlarm"]["Properties"]
    # An empty shop segments nobody and counts that, so samples are counted and not members.
    assert (missed["Statistic"], missed["Threshold"]) == ("SampleCount", 1)
    assert missed["ComparisonOperator"] == "LessThanThreshold"
    assert missed["TreatMissingData"] == "breaching"
    assert missed["Period"] * missed["EvaluationPeriods"] > 86_400


def walk(machine: dict[str, Any]) -> tuple[Any, list[Any]]:
    asked: list[Any] = []
    named = {name.lower().removesuffix("part"): list(told) for name, told in ANSWERS.items()}

    def answer(payload: dict[str, Any]) -> Any:
        asked.append(payload)
        left = named[payload["step"]]
        return left.pop(0) if len(left) > 1 else left[0]

    return Machine(machine, answer).run({"as_of": "2026-11-23"}), asked


def test_another_engine_runs_the_definition_as_our_tests_do(tmp_path: Path) -> None:
    ours, asked = walk(DEFINITION)
    with step_functions.step_functions(tmp_path, ANSWERS) as endpoint:
        client = step_functions.client_at(endpoint)
        machine = step_functions.create_machine(client, DEFINITION)
        told = step_functions.run(client, machine, {"as_of": "2026-11-23"})
        assert (told["status"], json.loads(told["output"])) == ("SUCCEEDED", ours)
        runs = client.list_map_runs(executionArn=told["executionArn"])["mapRuns"]
        parts = [
            json.loads(client.describe_execution(executionArn=one["executionArn"])["input"])
            for run in runs
            for one in client.list_executions(mapRunArn=run["mapRunArn"])["executions"]
        ]
    of_parts = [payload for payload in asked if "shards" in payload]
    assert len(of_parts) == 256
    assert sorted(map(json.dumps, parts)) == sorted(map(json.dumps, of_parts))


@pytest.mark.parametrize(("fault", "found"), [({}, False), ({"StartAt": None}, True)])
def test_definition_is_one_that_cfn_lint_accepts(
    tmp_path: Path, fault: dict[str, Any], found: bool
) -> None:
    """Inside a template: a file beside one is not looked at."""
    properties = {"RoleArn": step_functions.ROLE, "Definition": {**DEFINITION, **fault}}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"Machine": machine}}), encoding="utf-8")
    done = subprocess.run([CFN_LINT, file], capture_output=True, text=True, check=False)
    assert ("E3601" in done.stdout) is found
    assert bool(done.returncode) is found, done.stdout
