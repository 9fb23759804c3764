"""What stands costs by what the template says, not by what somebody remembered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.cost import fixed
from infra.cost.month import EGRESS, PROD
from infra.local.engine import ROOT
from infra.local.template import load_template, resources_of

TEMPLATE = load_template(ROOT / "template.yaml")
INNER = """
Resources:
  Door: {Type: AWS::EC2::NatGateway}
"""


def written(folder: Path, resources: dict[str, Any]) -> Path:
    path = folder / "template.yaml"
    condition = {"Rich": {"Fn::Equals": [{"Ref": "Money"}, "true"]}}
    money = {"Money": {"Type": "String", "Default": "false"}}
    document = {"Parameters": money, "Conditions": condition, "Resources": resources}
    path.write_text(json.dumps(document))
    return path


def test_an_alarm_costs_by_the_metrics_it_looks_at(tmp_path: Path) -> None:
    stat = {"Id": "a", "MetricStat": {}}
    three = {"Metrics": [{"Id": "sum", "Expression": "a"}, stat, stat, stat]}
    path = written(
        tmp_path,
        {
            "One": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors"}},
            "Three": {"Type": "AWS::CloudWatch::Alarm", "Properties": three},
        },
    )
    assert fixed.monthly({}, path)["alarm_metric_month"] == 4


def test_what_a_parameter_turns_off_costs_nothing(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"Key": {"Type": "AWS::KMS::Key", "Condition": "Rich", "Properties": {}}}
    )
    assert "kms_key_month" not in fixed.monthly({}, path)
    assert fixed.monthly({"Money": "true"}, path)["kms_key_month"] == 1


def test_a_stack_within_the_stack_is_counted_by_the_hour(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(INNER)
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.yaml"}}
    assert fixed.monthly({}, written(tmp_path, {"Inner": inner}))["nat_hour"] == 720


@pytest.mark.parametrize("parameters", [{}, PROD, EGRESS], ids=["default", "prod", "egress"])
def test_our_own_stack_has_its_secret_and_an_alarm_at_least_for_each_alarm_resource(
    parameters: dict[str, str],
) -> None:
    found = fixed.monthly(parameters)
    assert found["secret_month"] == len(resources_of(TEMPLATE, "AWS::SecretsManager::Secret"))
    assert found["alarm_metric_month"] >= len(resources_of(TEMPLATE, "AWS::CloudWatch::Alarm"))


def test_only_a_fixed_address_has_a_gateway() -> None:
    assert "nat_hour" not in fixed.monthly(PROD)
    assert fixed.monthly(EGRESS)["nat_hour"] == 720


def test_the_parameters_of_production_are_parameters_of_the_template() -> None:
    assert EGRESS.keys() <= TEMPLATE["Parameters"].keys()


def test_every_metric_that_a_function_counts_is_paid() -> None:
    known = set(fixed.metrics())
    counted = {
        name
        for path in (ROOT / "functions").glob("*/handler.py")
        for name in re.findall(r'\bcount\("([A-Z]\w+)"', path.read_text(encoding="utf-8"))
    }
    assert counted
    assert counted <= known
    assert len(known) == len(fixed.metrics())


def test_who_may_read_the_secret_pays_for_reading_it() -> None:
    readers = fixed.secret_readers()
    assert "ScanSignupFunction" in readers
    assert "CodeLandingFunction" not in readers
