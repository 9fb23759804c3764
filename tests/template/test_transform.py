"""What SAM makes of the template: who calls the alias, and when a version is published."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from typing import Any

import pytest

from tests.template.reading import ROOT, all_events, functions, template

SAM_PYTHON = ROOT / ".tools/sam/bin/python"
LIMIT = 500
ON = ("GradualDeployment=true", "ReservedConcurrency=true", "FixedEgress=true", "Dashboard=true")


@cache
def processed(*given: str, region: str = "us-east-1", built: str = "one") -> dict[str, Any]:
    """Logical id -> resource, as CloudFormation gets it."""
    script = ROOT / "tests/template/transform.py"
    arguments = [str(ROOT / "template.yaml"), region, built, "WeChatAppId=wx1", *given]
    done = subprocess.run(
        [SAM_PYTHON, script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout)["Resources"]
    return made


def of_type(made: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: one["Properties"] for name, one in made.items() if one["Type"] == kind}


def alias(function: str) -> dict[str, str]:
    return {"Ref": f"{function}Aliaslive"}


@pytest.mark.parametrize("given", [(), ON], ids=["as it is", "all on"])
def test_stack_stays_far_from_cloudformations_limit(given: tuple[str, ...]) -> None:
    assert 250 < len(processed(*given)) < LIMIT - 100


@pytest.mark.parametrize("given", [(), ON], ids=["as it is", "all on"])
def test_whatever_starts_a_function_starts_its_alias(given: tuple[str, ...]) -> None:
    made = processed(*given)
    aliases = of_type(made, "AWS::Lambda::Alias")
    assert len(aliases) == len(functions())
    qualified = [{"Ref": name} for name in aliases]
    for kind in ("AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping"):
        assert of_type(made, kind)
        assert [
            n for n, one in of_type(made, kind).items() if one["FunctionName"] not in qualified
        ] == []
    targets = [one["Target"] for one in of_type(made, "AWS::Scheduler::Schedule").values()]
    targets += [t for one in of_type(made, "AWS::Events::Rule").values() for t in one["Targets"]]
    assert len(targets) == 4
    assert all(target["Arn"] in qualified for target in targets)
    asynchronous = of_type(made, "AWS::Lambda::EventInvokeConfig").values()
    assert {one["Qualifier"] for one in asynchronous} == {"live"}
    assert len(asynchronous) == 4
    machine = made["SegmentNightMachine"]["Properties"]["DefinitionSubstitutions"]
    assert machine["SegmentPart"] == alias("SegmentPartFunction")
    role = str(made["SegmentNightMachineRole"]["Properties"]["Policies"])
    assert f"'lambda:InvokeFunction', 'Resource': {alias('SegmentPartFunction')}" in role


def test_routes_lead_to_the_aliases() -> None:
    document = processed()["HttpApi"]["Properties"]["Body"]
    for function, routes in all_events("HttpApi").items():
        for one in routes:
            route = document["paths"][one["Path"]][one["Method"].lower()]
            uri = route["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            assert uri.endswith(f"/functions/${{{function}Aliaslive}}/invocations")


def test_gradual_deployment_watches_each_functions_own_alarm() -> None:
    assert not of_type(processed(), "AWS::CodeDeploy::DeploymentGroup")
    assert not any("UpdatePolicy" in one for one in processed().values())
    made = processed(*ON)
    groups = of_type(made, "AWS::CodeDeploy::DeploymentGroup")
    assert len(groups) == len(functions())
    for function in functions():
        group = groups[f"{function}DeploymentGroup"]
        own = {"Name": {"Ref": f"{function.removesuffix('Function')}ErrorsAlarm"}}
        assert group["AlarmConfiguration"] == {"Enabled": True, "Alarms": [own]}
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert "Canary10Percent5Minutes" in str(group["DeploymentConfigName"])
        update = made[f"{function}Aliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        assert update["DeploymentGroupName"] == {"Ref": f"{function}DeploymentGroup"}


def versions(made: dict[str, Any]) -> set[str]:
    return set(of_type(made, "AWS::Lambda::Version"))


def test_another_build_is_published() -> None:
    """SAM publishes when the code of a function changes; ours is in a layer."""
    before = versions(processed())
    assert before == versions(processed(*ON))
    assert not before & versions(processed(built="two"))


def parameters_of(node: Any) -> set[str]:
    """The parameters that a value depends on."""
    found = set(re.findall(r"[{]'Ref': '(\w+)'[}]", str(node))) & set(template()["Parameters"])
    # Conditions of ours are of one parameter each.
    asked = set(re.findall(r"'Fn::If': \['(\w+)'", str(node)))
    return found.union(*(parameters_of(template()["Conditions"][name]) for name in asked))


def test_a_version_that_was_taken_back_does_not_stay() -> None:
    """Lambda would publish no other that is like it, so the release could not be tried again."""
    made = processed(*ON)
    published = [one for one in made.values() if one["Type"] == "AWS::Lambda::Version"]
    assert len(published) == len(functions())
    assert {one["DeletionPolicy"] for one in published} == {"Delete"}
    assert not any("UpdateReplacePolicy" in one for one in published)


def longest(parameter: dict[str, Any]) -> int:
    """Characters of a value of it."""
    if parameter.get("AllowedPattern") == "^[A-Z]{3}$":
        return 3
    given = [len(str(value)) for value in parameter.get("AllowedValues", [])]
    return max(given, default=int(parameter.get("MaxLength", 4096)))


def test_other_settings_are_published() -> None:
    """SAM does not see that a parameter has another value; CloudFormation sees another description.

    It must name what changes the function and nothing else: Lambda publishes no version that is as
    the one before. The processor and the room that is kept are seen by the build, or no part of it.
    """
    limits = {name: longest(one) for name, one in template()["Parameters"].items()}
    for name, one in functions().items():
        shared = (one["Environment"], one["LoggingConfig"], one.get("VpcConfig"))
        told = re.findall(r"\$\{(\w+)\}", one["VersionDescription"]["Fn::Sub"])
        assert set(told) == parameters_of(shared), name
        assert sum(limits[word] + 1 for word in told) - 1 <= 256


def test_every_function_has_a_role_of_its_own() -> None:
    made = of_type(processed(), "AWS::Lambda::Function")
    assert {name: one["Role"] for name, one in made.items()} == {
        name: {"Fn::GetAtt": [f"{name}Role", "Arn"]} for name in functions()
    }
    assert not [name for name, one in functions().items() if "Role" in one]


# Names of what is referred to, or that are unique within what they belong to.
OF_SOMETHING_ELSE = {
    ("AWS::ApiGatewayV2::Stage", "StageName"),
    ("AWS::CodeDeploy::DeploymentGroup", "ApplicationName"),
    ("AWS::CodeDeploy::DeploymentGroup", "DeploymentConfigName"),
    ("AWS::CloudWatch::Alarm", "MetricName"),
    ("AWS::IAM::Policy", "PolicyName"),
    *(
        (f"AWS::Lambda::{kind}", "FunctionName")
        for kind in ("Alias", "EventInvokeConfig", "EventSourceMapping", "Permission", "Version")
    ),
    ("AWS::Lambda::Alias", "Name"),
    ("AWS::Lambda::LayerVersion", "LayerName"),
}


def test_two_stacks_fit_into_one_account_and_region() -> None:
    """Whatever has a name of ours has the stack's in it, or CloudFormation makes one."""
    named = {
        f"{name}.{key}": value
        for name, one in processed(*ON).items()
        for key, value in one.get("Properties", {}).items()
        if key.endswith("Name") and (one["Type"], key) not in OF_SOMETHING_ELSE
    }
    assert {"DataKeyAlias.AliasName", "SegmentNightMachineLogGroup.LogGroupName"} <= named.keys()
    alike = {place for place, value in named.items() if "${AWS::StackName}" not in str(value)}
    assert alike == set()


def test_china_gets_china_s_policies() -> None:
    made = processed(*ON, region="cn-north-1")
    attached = [
        a
        for one in of_type(made, "AWS::IAM::Role").values()
        for a in one.get("ManagedPolicyArns", [])
    ]
    assert attached
    own = "{'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/"
    assert all(str(arn).startswith(("arn:aws-cn:iam::aws:policy/", own)) for arn in attached)


def test_codedeploy_is_trusted_by_its_name_in_every_partition() -> None:
    assert not of_type(processed(), "AWS::CodeDeploy::DeploymentGroup")
    made = processed(*ON, region="cn-north-1")
    assert "CodeDeployServiceRole" not in made, "SAM's, which trusts another name"
    groups = of_type(made, "AWS::CodeDeploy::DeploymentGroup").values()
    own = {"Fn::GetAtt": ["ReleaseRole", "Arn"]}
    chosen = [one["ServiceRoleArn"]["Fn::If"] for one in groups]
    assert [choice[:2] for choice in chosen] == [["DeploysGradually", own]] * len(functions())
    (trusted,) = made["ReleaseRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    service = {"Fn::Sub": "codedeploy.${AWS::Region}.${AWS::URLSuffix}"}
    assert trusted["Principal"] == {"Service": service}


def test_room_is_kept_for_what_moves_money() -> None:
    kept = {
        name: one["ReservedConcurrentExecutions"]["Fn::If"]
        for name, one in functions().items()
        if "ReservedConcurrentExecutions" in one
    }
    assert sorted(kept) == [
        "CreditSpendFunction",
        "MemberChangesFunction",
        "OrderWorkerFunction",
        "ReferralCreditFunction",
        "ReferralReleaseFunction",
    ]
    assert {choice[0] for choice in kept.values()} == {"ReservesConcurrency"}
    assert {str(choice[2]) for choice in kept.values()} == {str({"Ref": "AWS::NoValue"})}
    # AWS keeps a hundred for the others; the parameter's description asks for 300.
    assert sum(choice[1] for choice in kept.values()) <= 200
    worker = kept["OrderWorkerFunction"][1]
    (event,) = [
        e for e in functions()["OrderWorkerFunction"]["Events"].values() if e["Type"] == "SQS"
    ]
    assert event["Properties"]["ScalingConfig"]["MaximumConcurrency"] <= worker
