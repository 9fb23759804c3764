"""Reading templates: tags, Globals, parameters, conditions, triggers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.local.errors import LocalError
from infra.local.resolver import Physical, Resolver
from infra.local.template import functions, load_template, merge_globals
from infra.local.triggers import QueueMapping, Route, Schedule, StreamMapping
from tests.local.support import FIXTURE, TEMPLATE


def test_short_tags_become_plain_data() -> None:
    template = load_template(FIXTURE)
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["TABLE_NAME"] == {"Ref": "Table"}
    assert variables["QUEUE_NAME"] == {"Fn::GetAtt": ["Jobs", "QueueName"]}
    assert template["AWSTemplateFormatVersion"] == "2010-09-09"


def test_functions_have_typed_triggers() -> None:
    found = functions(load_template(FIXTURE))
    web, worker = found["WebFunction"], found["WorkerFunction"]
    assert web.routes == (Route("POST", "/things/{source}"), Route("GET", "/things"))
    assert (web.handler, web.timeout) == ("web.handler.lambda_handler", 5)
    assert worker.queues == (QueueMapping("Jobs", 10, 0, partial_failures=True),)
    assert found["MirrorFunction"].streams == (
        StreamMapping(
            table="Table",
            batch_size=100,
            starting_position="TRIM_HORIZON",
            patterns=('{"dynamodb": {"NewImage": {"kind": {"S": ["JOB"]}}}}',),
            max_retries=1,
            bisect=True,
            on_failure="DeadRecords",
            partial_failures=True,
        ),
    )
    mark = json.dumps({"scheduled_for": "<aws.scheduler.scheduled-time>"})
    assert found["NightlyFunction"].schedules == (
        Schedule("Night", "cron(30 2 * * ? *)", "Asia/Shanghai", mark),
    )


def test_globals_merge_as_sam_does() -> None:
    shared = {"Timeout": 3, "Layers": ["a"], "Environment": {"Variables": {"X": 1, "Y": 2}}}
    own = {"Timeout": 9, "Layers": ["b"], "Environment": {"Variables": {"Y": 3}}}
    assert merge_globals(shared, own) == {
        "Timeout": 9,
        "Layers": ["a", "b"],
        "Environment": {"Variables": {"X": 1, "Y": 3}},
    }


def test_parameters_decide_conditions_and_numbers() -> None:
    found = functions(load_template(FIXTURE), {"WithNightly": "no", "BatchSize": "4"})
    assert "NightlyFunction" not in found
    assert found["WorkerFunction"].queues[0].batch_size == 4


def test_resolver_knows_resources_and_leaves_unknown_ones() -> None:
    template = load_template(FIXTURE)
    resolver = Resolver(template, {}, {"Jobs": Physical("url", {"Arn": "arn:jobs"})})
    assert resolver.resolve({"Fn::Sub": "${Jobs}|${Jobs.Arn}|${!Kept}"}) == "url|arn:jobs|${Kept}"
    assert resolver.resolve({"Fn::Join": ["-", ["a", {"Ref": "Brand"}]]}) == "a-Fixture"
    assert resolver.resolve({"Ref": "Table"}) == {"Ref": "Table"}
    assert resolver.resolve({"a": {"Ref": "AWS::NoValue"}, "b": 1}) == {"b": 1}
    chosen = {"Fn::If": ["Nightly", "on", "off"]}
    assert resolver.resolve(chosen) == "on"
    with pytest.raises(LocalError, match="cannot be resolved"):
        resolver.text({"Ref": "Table"})
    with pytest.raises(LocalError, match="does not define"):
        resolver.resolve({"Ref": "Misspelt"})


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="no template at"):
        load_template(tmp_path / "template.yaml")


def test_the_real_template_is_understood() -> None:
    found = functions(load_template(TEMPLATE))
    assert len(found) == 30
    assert found["OrderWorkerFunction"].queues[0].queue == "OrdersQueue"
    assert found["MemberChangesFunction"].streams[0].on_failure == "FollowUpDeadLetterQueue"
    night = found["SegmentNightlyFunction"].schedules[0]
    assert night.timezone == "Asia/Shanghai"
    # No state machine runs here, so its reference stays as it is written.
    assert json.loads(night.payload)["machine"] == "${SegmentNightMachine}"
