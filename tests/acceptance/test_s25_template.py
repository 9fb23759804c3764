"""Scenario 25: what is deployed grants no wildcard, can be restored, is encrypted, loses no event
in silence and keeps an access log; as CloudFormation gets it, with every switch off and on.

Of single functions and queues tests/template says more; here is what holds for all there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.template.test_transform import ON, of_type, processed

Resources = dict[str, Any]
Statement = dict[str, Any]


@pytest.fixture(scope="module", params=[(), ON], ids=["switches off", "switches on"])
def made(request: pytest.FixtureRequest) -> Resources:
    return processed(*request.param)


def documents(made: Resources) -> Iterator[tuple[str, Statement]]:
    """Every statement that grants something, with the resource it stands in."""
    for name, resource in made.items():
        properties = resource.get("Properties", {})
        found = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        found += [properties[key] for key in ("PolicyDocument", "KeyPolicy") if key in properties]
        for document in found:
            for statement in document["Statement"]:
                if statement["Effect"] == "Allow":
                    yield name, statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def wildcards(made: Resources) -> list[str]:
    """Each action with a wildcard, as `<resource> <action>`."""
    return [
        f"{name} {action}"
        for name, statement in documents(made)
        for action in listed(statement.get("Action", "NotAction*"))
        if "*" in action
    ]


def test_no_action_is_a_wildcard(made: Resources) -> None:
    """But for the account's right to administer its own key, without which it would be lost."""
    assert wildcards(made) == ["DataKey kms:*"]


@pytest.mark.parametrize("grant", [{"Action": "dynamodb:*"}, {"NotAction": "iam:PassRole"}])
def test_a_wildcard_would_be_seen(grant: dict[str, str]) -> None:
    statement = {"Effect": "Allow", **grant, "Resource": "*"}
    policy = {"PolicyName": "wide", "PolicyDocument": {"Statement": [statement]}}
    assert wildcards({"Wide": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}})


def test_no_role_reaches_everything(made: Resources) -> None:
    """But for deliveries of logs, for which AWS has nothing smaller to name."""
    reached = {
        (name, action.partition(":")[0])
        for name, statement in documents(made)
        if made[name]["Type"].startswith("AWS::IAM::") and "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    assert reached == {("SegmentNightMachineRole", "logs")}


def test_every_table_can_be_restored_and_none_is_deleted_by_mistake(made: Resources) -> None:
    tables = of_type(made, "AWS::DynamoDB::Table")
    assert tables
    for table in tables.values():
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["DeletionProtectionEnabled"] is True


ENCRYPTED = {
    "AWS::DynamoDB::Table": "SSESpecification",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::S3::Bucket": "BucketEncryption",
    "AWS::SecretsManager::Secret": "KmsKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
}


@pytest.mark.parametrize("kind", ENCRYPTED)
def test_everything_kept_is_encrypted_with_our_own_key(kind: str, made: Resources) -> None:
    kept = of_type(made, kind)
    assert kept
    without = [
        name for name, one in kept.items() if "DataKey" not in str(one.get(ENCRYPTED[kind], ""))
    ]
    assert without == []
    assert of_type(made, "AWS::KMS::Key")["DataKey"]["EnableKeyRotation"] is True


def queue_of(reference: Any) -> str:
    """The queue that an ARN is of."""
    queue, attribute = reference["Fn::GetAtt"]
    assert attribute == "Arn"
    return str(queue)


def dead_letters(made: Resources) -> Iterator[str]:
    """Where each thing that nobody waits for ends when it cannot be done."""
    for mapping in of_type(made, "AWS::Lambda::EventSourceMapping").values():
        source = mapping["EventSourceArn"]["Fn::GetAtt"][0]
        if source in (queues := of_type(made, "AWS::SQS::Queue")):
            yield queue_of(queues[source]["RedrivePolicy"]["deadLetterTargetArn"])
        else:
            yield queue_of(mapping["DestinationConfig"]["OnFailure"]["Destination"])
    for schedule in of_type(made, "AWS::Scheduler::Schedule").values():
        yield queue_of(schedule["Target"]["DeadLetterConfig"]["Arn"])
    for rule in of_type(made, "AWS::Events::Rule").values():
        for target in rule["Targets"]:
            yield queue_of(target["DeadLetterConfig"]["Arn"])
    for config in of_type(made, "AWS::Lambda::EventInvokeConfig").values():
        yield queue_of(config["DestinationConfig"]["OnFailure"]["Destination"])


def test_what_nobody_waits_for_ends_in_a_queue_that_somebody_watches(made: Resources) -> None:
    ends = list(dead_letters(made))
    assert len(ends) >= 5 + 3 + 1 + 4
    watched = {
        str(dimension["Value"])
        for alarm in of_type(made, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }
    unwatched = {end for end in ends if str({"Fn::GetAtt": [end, "QueueName"]}) not in watched}
    assert unwatched == set()


def test_whoever_is_started_by_a_clock_or_a_rule_says_where_it_ends(made: Resources) -> None:
    started = {
        str(target["Arn"])
        for schedule in of_type(made, "AWS::Scheduler::Schedule").values()
        for target in [schedule["Target"]]
    }
    started |= {
        str(target["Arn"])
        for rule in of_type(made, "AWS::Events::Rule").values()
        for target in rule["Targets"]
    }
    configured = {
        str({"Ref": f"{config['FunctionName']['Ref']}Alias{config['Qualifier']}"})
        for config in of_type(made, "AWS::Lambda::EventInvokeConfig").values()
    }
    assert started == configured


def test_every_door_keeps_an_access_log_that_ends(made: Resources) -> None:
    stages = of_type(made, "AWS::ApiGatewayV2::Stage")
    groups = of_type(made, "AWS::Logs::LogGroup")
    assert stages
    for stage in stages.values():
        group, _ = stage["AccessLogSettings"]["DestinationArn"]["Fn::GetAtt"]
        assert groups[group]["RetentionInDays"]
    for function in of_type(made, "AWS::Lambda::Function").values():
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups


def test_nothing_but_the_api_can_be_called_from_outside(made: Resources) -> None:
    doors = {resource["Type"] for resource in made.values()}
    assert not doors & {"AWS::Lambda::Url", "AWS::ApiGateway::RestApi", "AWS::AppSync::GraphQLApi"}
    for permission in of_type(made, "AWS::Lambda::Permission").values():
        assert permission["Principal"] in {"apigateway.amazonaws.com", "events.amazonaws.com"}
        assert permission["SourceArn"]
