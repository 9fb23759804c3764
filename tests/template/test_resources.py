"""State survives the stack, is encrypted, and the template fits every partition."""

from __future__ import annotations

import json
import re

import pytest

from siyu.domain.asked_audience import KEPT
from tests.template.reading import ROOT, resources, sources, template

STATE = (
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::S3::Bucket",
)
STATEFUL = sorted(name for kind in STATE for name in resources(kind))
TEXT = (ROOT / "template.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STATEFUL)
def test_state_outlives_the_stack(name: str) -> None:
    resource = template()["Resources"][name]
    assert resource["DeletionPolicy"] == "Retain"
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_table_can_be_restored_and_is_encrypted() -> None:
    table = resources("AWS::DynamoDB::Table")["Table"]["Properties"]
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["SSESpecification"]["SSEEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_every_key_attribute_is_a_string() -> None:
    table = resources("AWS::DynamoDB::Table")["Table"]["Properties"]
    types = {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]}
    assert types == dict.fromkeys(["PK", "SK", "GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK"], "S")


@pytest.mark.parametrize("name", sorted(resources("AWS::SQS::Queue")))
def test_queue_is_encrypted(name: str) -> None:
    assert resources("AWS::SQS::Queue")[name]["Properties"]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize(("name", "days"), [("ImportsBucket", 90), ("AudiencesBucket", KEPT.days)])
def test_bucket_is_private_encrypted_and_forgets(name: str, days: int) -> None:
    """A day file names buyers, an audience members."""
    bucket = resources("AWS::S3::Bucket")[name]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", days)


def test_audiences_travel_encrypted_only() -> None:
    policy = resources("AWS::S3::BucketPolicy")["AudiencesBucketPolicy"]["Properties"]
    assert policy["Bucket"] == {"Ref": "AudiencesBucket"}
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == (
        "Deny",
        "*",
        "s3:*",
    )
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}
    assert {"Fn::Sub": "${AudiencesBucket.Arn}/*"} in statement["Resource"]


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("GuessedCodesAlarm", "ScanRefused"),
        ("QuarantineAlarm", "EventQuarantined"),
        ("WebhooksRefusedAlarm", "WebhookRefused"),
        ("NightMissedAlarm", "MemberSegmented"),
    ],
)
def test_alarm_watches_a_metric_that_a_function_counts(name: str, metric: str) -> None:
    alarm = resources("AWS::CloudWatch::Alarm")[name]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Siyu", metric)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "siyu"}]
    assert any(f'"{metric}"' in path.read_text("utf-8") for path in sources())
    sections = re.findall(r"^## (.+)$", (ROOT / "docs/runbook.md").read_text("utf-8"), re.MULTILINE)
    assert any(f'"{section}"' in alarm["AlarmDescription"] for section in sections)


@pytest.mark.parametrize("queue", ["OrdersDeadLetter", "FollowUpDeadLetter"])
def test_alarm_watches_a_dead_letter_queue(queue: str) -> None:
    alarm = resources("AWS::CloudWatch::Alarm")[f"{queue}Alarm"]["Properties"]
    assert alarm["Dimensions"][0]["Value"] == {"Fn::GetAtt": [f"{queue}Queue", "QueueName"]}
    assert (alarm["Threshold"], alarm["Statistic"]) == (0, "Maximum")


def test_secret_is_made_by_the_cloud_and_has_every_key() -> None:
    made = resources("AWS::SecretsManager::Secret")["Secrets"]["Properties"]
    generated = made["GenerateSecretString"]
    assert json.loads(generated["SecretStringTemplate"]) == {
        "webhooks": {},
        "wechat_secret": "",
        "session_keys": ["1"],
        "wecom": None,
        "official_account": None,
    }
    assert (generated["GenerateStringKey"], generated["PasswordLength"]) == ("master_key", 64)


def test_access_log_is_json_without_personal_data() -> None:
    api = resources("AWS::Serverless::HttpApi")["HttpApi"]["Properties"]
    columns = json.loads(api["AccessLogSettings"]["Format"])
    told = {value.removeprefix("$context.") for value in columns.values()}
    assert not {"path", "identity.sourceIp", "identity.userAgent"} & told
    assert api["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert api["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0


def test_layers_are_built_for_the_processor_they_run_on() -> None:
    layers = resources("AWS::Serverless::LayerVersion")
    assert sorted(layers) == ["AnalyticsLayer", "CoreLayer", "DepsLayer"]
    for layer in layers.values():
        assert layer["Metadata"]["BuildMethod"] == "makefile"
        assert layer["Metadata"]["BuildArchitecture"] == {"Ref": "Architecture"}


def test_nothing_is_tied_to_one_partition_or_region() -> None:
    assert not re.findall(r"arn:aws|amazonaws\.com|\b(?:us|eu|ap|cn)-[a-z]+-\d\b", TEXT)


def test_every_parameter_is_used() -> None:
    unused = [n for n in template()["Parameters"] if not re.search(rf"!Ref {n}\b", TEXT)]
    assert not unused


def test_every_resource_says_why_it_exists() -> None:
    silent = [
        name
        for name in template()["Resources"]
        if not re.search(rf"^  # .+\n  {name}:$", TEXT, flags=re.MULTILINE)
    ]
    assert not silent


def test_outputs() -> None:
    assert {"ApiUrl", "TableName", "SecretsId", "OrdersQueueUrl"} <= set(template()["Outputs"])
