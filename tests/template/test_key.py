"""One key for everything at rest; whoever may use a service's thing may use the key through it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies import listed
from tests.template.reading import functions, resources

KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}
PROPERTIES: dict[str, Any] = resources("AWS::KMS::Key")["DataKey"]["Properties"]
STATEMENTS = {one["Sid"]: one for one in PROPERTIES["KeyPolicy"]["Statement"]}


def test_key_is_turned_and_cannot_be_lost_by_mistake() -> None:
    assert PROPERTIES["EnableKeyRotation"] is True
    assert PROPERTIES["PendingWindowInDays"] == 30


@pytest.mark.parametrize("name", sorted(resources("AWS::Logs::LogGroup")))
def test_log_is_encrypted(name: str) -> None:
    assert resources("AWS::Logs::LogGroup")[name]["Properties"]["KmsKeyId"] == KEY


def test_nobody_administers_it_but_the_account() -> None:
    wide = [sid for sid, one in STATEMENTS.items() if "kms:*" in listed(one["Action"])]
    assert wide == ["Administer"]
    account = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    assert STATEMENTS["Administer"]["Principal"] == {"AWS": account}
    for sid, one in STATEMENTS.items():
        if sid != "Administer":
            assert not [action for action in listed(one["Action"]) if "*" in action]


def test_whoever_is_of_the_account_uses_it_through_a_service_only() -> None:
    through = STATEMENTS["UseThroughServices"]["Condition"]
    assert through["StringEquals"] == {"kms:CallerAccount": {"Ref": "AWS::AccountId"}}
    services = [one["Fn::Sub"] for one in through["StringLike"]["kms:ViaService"]]
    assert services == [
        f"{name}.${{AWS::Region}}.*" for name in ("dynamodb", "sqs", "s3", "secretsmanager")
    ]


def test_services_without_a_role_are_let_in_for_this_stack() -> None:
    assert set(STATEMENTS) == {"Administer", "UseThroughServices", "Logs", "Alarms", "Rules"}
    logs = STATEMENTS["Logs"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert all("${AWS::StackName}-" in one["Fn::Sub"] for one in logs)
    named = [
        group["Properties"]["LogGroupName"]["Fn::Sub"]
        for group in resources("AWS::Logs::LogGroup").values()
        if "LogGroupName" in group["Properties"]
    ]
    # The others are named by CloudFormation, which begins with the stack.
    assert [name.startswith("/aws/vendedlogs/states/${AWS::StackName}-") for name in named] == [
        True
    ]
    assert "/aws/vendedlogs/states/${AWS::StackName}-*" in logs[1]["Fn::Sub"]
    alarms = STATEMENTS["Alarms"]["Condition"]["StringEquals"]
    assert alarms == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_no_function_has_a_right_of_its_own_on_the_key() -> None:
    for one in functions().values():
        assert "kms:" not in str(one.get("Policies"))
