"""State survives the stack, is encrypted, and the template fits every partition."""

from __future__ import annotations

import json
import re

import pytest

from siyu.domain.asked_audience import KEPT
from tests.template.reading import ROOT, resources, template

STATE = (
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::S3::Bucket",
    "AWS::KMS::Key",
)
STATEFUL = sorted(name for kind in STATE for name in resources(kind))
KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}
TEXT = (ROOT / "template.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STATEFUL)
def test_state_outlives_the_stack(name: str) -> None:
    resource = template()["Resources"][name]
    # But not a first deployment that failed, after which the next would find it in its way.
    kept = "RetainExceptOnCreate"
    # CloudFormation could not delete it then: it is protected.
    protected = resource["Properties"].get("DeletionProtectionEnabled") is True
    assert resource["DeletionPolicy"] == ("Retain" if protected else kept)
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_table_can_be_restored_and_is_encrypted() -> None:
    table = resources("AWS::DynamoDB::Table")["Table"]["Properties"]
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["DeletionProtectionEnabled"] is True
    encryption = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    assert table["SSESpecification"] == encryption
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_every_key_attribute_is_a_string() -> None:
    table = resources("AWS::DynamoDB::Table")["Table"]["Properties"]
    types = {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]}
    assert types == dict.fromkeys(["PK", "SK", "GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK"], "S")


@pytest.mark.parametrize("name", sorted(resources("AWS::SQS::Queue")))
def test_queue_is_encrypted(name: str) -> None:
    queue = resources("AWS::SQS::Queue")[name]["Properties"]
    assert queue["KmsMasterKeyId"] == KEY
    # SQS asks for a key once in this time, and not for every message.
    assert queue["KmsDataKeyReusePeriodSeconds"] == 3600


@pytest.mark.parametrize(("name", "days"), [("ImportsBucket", 90), ("AudiencesBucket", KEPT.days)])
def test_bucket_is_private_encrypted_and_forgets(name: str, days: int) -> None:
    """A day file names buyers, an audience members."""
    bucket = resources("AWS::S3::Bucket")[name]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
    }
    # An earlier version would outlive the erasure of whom it is about.
    assert "VersioningConfiguration" not in bucket
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", days)
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


@pytest.mark.parametrize("name", sorted(resources("AWS::S3::Bucket")))
def test_files_travel_encrypted_only(name: str) -> None:
    policy = resources("AWS::S3::BucketPolicy")[f"{name}Policy"]["Properties"]
    assert policy["Bucket"] == {"Ref": name}
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}],
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }


def test_messages_travel_encrypted_only() -> None:
    policies = [one["Properties"] for one in resources("AWS::SQS::QueuePolicy").values()]
    queues = [queue["Ref"] for one in policies for queue in one["Queues"]]
    assert sorted(queues) == sorted(resources("AWS::SQS::Queue"))
    topic = resources("AWS::SNS::TopicPolicy")["AlarmTopicPolicy"]["Properties"]
    for one in [*policies, topic]:
        (deny,) = [s for s in one["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": False}}


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
    assert made["KmsKeyId"] == KEY
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


# Services sign as these in every partition.
PRINCIPALS = r"Principal: \{Service: (?:cloudwatch|events)\.amazonaws\.com\}"
# And this is what the names of endpoints begin with in every partition.
ENDPOINT = r"com\.amazonaws\.\$\{AWS::Region\}"


@pytest.mark.parametrize("name", ["template.yaml", "infra/egress.yaml", "infra/operations.yaml"])
def test_nothing_is_tied_to_one_partition_or_region(name: str) -> None:
    text = re.sub(f"#.*|{PRINCIPALS}|{ENDPOINT}", "", (ROOT / name).read_text("utf-8"))
    assert not re.findall(r"arn:aws|amazonaws|\b(?:us|eu|ap|cn)-[a-z]+-\d\b", text)


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
