"""The stacks inside the stack: what goes in is what they ask for, and they are optional."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from typing import Any

import pytest

from infra.local.template import load_template
from tests.template.reading import ROOT, resources, sources, template

NESTED = {name: one["Properties"] for name, one in resources("AWS::CloudFormation::Stack").items()}
CFN_LINT = ROOT / ".tools/sam/bin/cfn-lint"
CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
STAGES: dict[str, dict[str, Any]] = {
    name: one["deploy"]["parameters"]
    for name, one in CONFIG.items()
    if isinstance(one, dict) and "deploy" in one
}


def inside(name: str) -> dict[str, Any]:
    return load_template(ROOT / NESTED[name]["TemplateURL"])


@pytest.mark.parametrize("name", sorted(NESTED))
def test_nested_stack_is_there_when_asked_for_and_gets_what_it_wants(name: str) -> None:
    condition = {"Operations": "HasDashboard", "Egress": "HasFixedEgress"}[name]
    assert template()["Resources"][name]["Condition"] == condition
    assert NESTED[name].get("Parameters", {}).keys() == inside(name).get("Parameters", {}).keys()
    text = (ROOT / NESTED[name]["TemplateURL"]).read_text("utf-8")
    unused = [p for p in inside(name).get("Parameters", {}) if not re.search(rf"\b{p}\b[^:]", text)]
    assert not unused
    silent = [
        resource
        for resource in inside(name)["Resources"]
        if not re.search(rf"^  # .+\n  {resource}:$", text, flags=re.MULTILINE)
    ]
    assert not silent


@pytest.mark.parametrize("name", sorted(NESTED))
def test_nested_stack_is_valid_in_every_partition(name: str) -> None:
    regions = ["us-east-1", "eu-central-1", "cn-north-1", "cn-northwest-1"]
    path = ROOT / NESTED[name]["TemplateURL"]
    done = subprocess.run(
        [CFN_LINT, "--template", path, "--regions", *regions],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_functions_get_what_the_network_puts_out() -> None:
    wanted = set(re.findall(r"Egress\.Outputs\.(\w+)", (ROOT / "template.yaml").read_text("utf-8")))
    assert wanted == inside("Egress")["Outputs"].keys()


def test_nobody_calls_into_the_network() -> None:
    (group,) = [
        one["Properties"]
        for one in inside("Egress")["Resources"].values()
        if one["Type"] == "AWS::EC2::SecurityGroup"
    ]
    assert "SecurityGroupIngress" not in group
    (out,) = group["SecurityGroupEgress"]
    assert (out["IpProtocol"], out["FromPort"], out["ToPort"]) == ("tcp", 443, 443)


def test_the_address_outlives_the_stack_and_is_taken_up_again() -> None:
    """It is on the lists of others, who take their time."""
    egress = inside("Egress")
    address = egress["Resources"]["Address"]
    assert address["DeletionPolicy"] == "RetainExceptOnCreate"
    assert address["UpdateReplacePolicy"] == "Retain"
    assert address["Condition"] == "MakesAddress"
    assert egress["Conditions"]["MakesAddress"] == {"Fn::Equals": [{"Ref": "AllocationId"}, ""]}
    made = {"Fn::GetAtt": ["Address", "AllocationId"]}
    (gateway,) = [
        one["Properties"]
        for one in egress["Resources"].values()
        if one["Type"] == "AWS::EC2::NatGateway"
    ]
    assert gateway["AllocationId"] == {"Fn::If": ["MakesAddress", made, {"Ref": "AllocationId"}]}
    given = template()["Parameters"]["EgressAllocationId"]
    assert given["Default"] == ""
    assert re.search(given["AllowedPattern"], "eipalloc-0123456789abcdef0")


def body(stack: str, *names: str) -> dict[str, Any]:
    """Of the dashboard, as CloudFormation makes it of a stack with functions of these names."""
    (text, given) = inside("Operations")["Resources"]["Dashboard"]["Properties"]["DashboardBody"][
        "Fn::Sub"
    ]
    (separator, listed) = given["EachFunction"]["Fn::Join"]
    assert listed == {"Ref": "Functions"}
    text = text.replace("${EachFunction}", separator.join(names)).replace("${Stack}", stack)
    found: dict[str, Any] = json.loads(text)
    return found


def widgets() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body("siyu")["widgets"]
    return found


def test_dashboard_shows_this_stack_and_no_stage_beside_it() -> None:
    (_, joined) = NESTED["Operations"]["Parameters"]["Functions"]["Fn::Join"]
    assert {one["Ref"] for one in joined} == resources("AWS::Serverless::Function").keys()
    shown = [
        metric
        for widget in body("siyu", "siyu-A", "siyu-B")["widgets"]
        for metric in widget["properties"].get("metrics", [])
    ]
    for name in ("Errors", "Throttles", "Duration"):
        at = shown.index(["AWS/Lambda", name, "FunctionName", "siyu-A"])
        assert shown[at + 1] == ["...", "siyu-B"]
    assert "SEARCH" not in str(shown), "it would find siyu-dev by siyu"
    ours = [metric for metric in shown if metric[0] == "Siyu"]
    assert {tuple(metric[2:4]) for metric in ours} == {("service", "siyu")}


def test_names_inside_have_the_stacks_in_them() -> None:
    made = inside("Operations")["Resources"].values()
    assert {str(one["Properties"]["Name"]) for one in made if "Name" in one["Properties"]}
    for one in (resource["Properties"] for resource in made):
        named = one.get("Name") or one["DashboardName"]
        assert named == {"Ref": "Stack"} or named["Fn::Sub"].startswith("${Stack}/")
    assert NESTED["Operations"]["Parameters"]["Stack"] == {"Ref": "AWS::StackName"}


def test_dashboard_shows_metrics_that_functions_count() -> None:
    shown = {
        metric[1]
        for widget in widgets()
        for metric in widget["properties"].get("metrics", [])
        if metric[0] == "Siyu"
    }
    assert len(shown) > 20
    code = "".join(path.read_text("utf-8") for path in sources())
    assert {name for name in shown if f'"{name}"' not in code} == set()


def test_dashboard_overlaps_nowhere() -> None:
    cells = [
        (x, y)
        for one in widgets()
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]
    assert len(cells) == len(set(cells))
    assert all(x < 24 for x, _ in cells)


def test_saved_queries_search_every_functions_log() -> None:
    groups = resources("AWS::Logs::LogGroup").keys()
    others = {"HttpApiLogGroup", "SegmentNightMachineLogGroup"}
    (_, joined) = NESTED["Operations"]["Parameters"]["LogGroups"]["Fn::Join"]
    assert {one["Ref"] for one in joined} == groups - others
    assert len(joined) <= 50, "Logs Insights takes no more"
    queries = [
        one["Properties"]
        for one in inside("Operations")["Resources"].values()
        if one["Type"] == "AWS::Logs::QueryDefinition"
    ]
    assert len(queries) > 10
    assert len({one["Name"]["Fn::Sub"] for one in queries}) == len(queries)


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_stage_sets_parameters_that_exist_to_values_they_take(stage: str) -> None:
    declared = template()["Parameters"]
    for name, value in (p.split("=") for p in STAGES[stage]["parameter_overrides"].split()):
        allowed = [str(one) for one in declared[name].get("AllowedValues", [value])]
        assert value in allowed


def test_stages_are_stacks_of_their_own_and_production_asks() -> None:
    assert set(STAGES) == {"default", "staging", "prod"}
    names = [one["stack_name"] for one in STAGES.values()]
    assert len(set(names)) == len(names)
    assert [name for name, one in STAGES.items() if one["confirm_changeset"]] == ["prod"]
    # The second is for stacks inside of one that has a transform.
    assert {one["capabilities"] for one in STAGES.values()} == {
        "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"
    }
    # A stack inside is deployed to staging before it is to production.
    assert "Dashboard=true" in STAGES["staging"]["parameter_overrides"]
    for switch in ("GradualDeployment", "ReservedConcurrency", "FixedEgress", "Dashboard"):
        assert f"{switch}=true" in STAGES["prod"]["parameter_overrides"]
        assert template()["Parameters"][switch]["Default"] == "false"
