"""Creates the template's table, queues, buckets and secret in the local engines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from infra.local import secret_store
from infra.local.aws_json import AwsError, AwsJson
from infra.local.engine import HELP, find_ministack, start_ministack
from infra.local.errors import LocalError
from infra.local.process import Guarded
from infra.local.resolver import ACCOUNT, PSEUDO, REGION, Physical, Resolver
from infra.local.template import resources_of

TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type
BUCKET = "AWS::S3::Bucket"
# dynoxide puts the table's name into the shard id, which the SDKs accept with 28 to 65 characters.
NAME_LENGTHS = range(11, 49)
TABLE_KEYS = (
    "AttributeDefinitions",
    "KeySchema",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "BillingMode",
    "ProvisionedThroughput",
)
QUEUE_KEYS = (
    "VisibilityTimeout",
    "MessageRetentionPeriod",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
)


def start_queues(logs: Path) -> tuple[str, Guarded]:
    """SQS, Secrets Manager and S3. Raises LocalError when ministack is not installed."""
    binary = find_ministack()
    if binary is None:
        raise LocalError(HELP.replace("DynamoDB engine", "SQS (ministack)"))
    return start_ministack(binary, "sqs,secretsmanager,s3", logs, "queues")


def local_name(logical_id: str) -> str:
    return f"{PSEUDO['AWS::StackName']}-{logical_id}"


def create_tables(
    endpoint: str, template: Mapping[str, Any], resolver: Resolver
) -> dict[str, Physical]:
    tables = resources_of(template, TABLE)
    with AwsJson(endpoint, "dynamodb", REGION) as client:
        return {
            name: _table(client, name, resolver.resolve(properties))
            for name, properties in tables.items()
        }


def _table(client: AwsJson, logical_id: str, properties: Mapping[str, Any]) -> Physical:
    name = str(properties.get("TableName", local_name(logical_id)))
    if len(name) not in NAME_LENGTHS:
        raise LocalError(f"table name {name!r} must have 11 to 48 characters")
    request = {key: properties[key] for key in TABLE_KEYS if key in properties}
    stream = properties.get("StreamSpecification")
    if stream:
        request["StreamSpecification"] = {"StreamEnabled": True, **stream}
    try:
        client.call("CreateTable", TableName=name, **request)
        _enable_ttl(client, name, properties.get("TimeToLiveSpecification"))
    except AwsError as error:
        if error.code != "ResourceInUseException":
            raise
    description = client.call("DescribeTable", TableName=name)["Table"]
    attributes = {
        "Arn": description["TableArn"],
        "StreamArn": description.get("LatestStreamArn", ""),
    }
    return Physical(name, attributes)


def _enable_ttl(client: AwsJson, name: str, specification: Any) -> None:
    if not specification:
        return
    try:
        client.call("UpdateTimeToLive", TableName=name, TimeToLiveSpecification=specification)
    except AwsError as error:
        if error.code not in ("UnknownOperationException", "ValidationException"):
            raise


def create_queues(
    endpoint: str, template: Mapping[str, Any], resolver: Resolver
) -> dict[str, Physical]:
    """Queues, dead-letter queues first, because a RedrivePolicy needs its target's ARN."""
    queues = resources_of(template, QUEUE)
    made = {name: _queue_names(endpoint, name, resolver.resolve(queues[name])) for name in queues}
    known = Resolver(template, resolver.parameters, made)
    with AwsJson(endpoint, "sqs", REGION) as client:
        for name in sorted(queues, key=lambda name: "RedrivePolicy" in queues[name]):
            properties = known.resolve(queues[name])
            attributes = {
                key: _attribute(properties[key]) for key in QUEUE_KEYS if key in properties
            }
            url = client.call(
                "CreateQueue", QueueName=made[name].attributes["QueueName"], Attributes=attributes
            )["QueueUrl"]
            made[name] = Physical(url, made[name].attributes)
    return made


def _queue_names(endpoint: str, logical_id: str, properties: Mapping[str, Any]) -> Physical:
    name = str(properties.get("QueueName", local_name(logical_id)))
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    return Physical(f"{endpoint}/{ACCOUNT}/{name}", {"Arn": arn, "QueueName": name})


def _attribute(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)


def create_buckets(
    endpoint: str, template: Mapping[str, Any], resolver: Resolver
) -> dict[str, Physical]:
    """Buckets, by name alone: nothing on a laptop expires, and nobody else reads along."""
    made = {}
    for name, properties in resources_of(template, BUCKET).items():
        bucket = str(resolver.resolve(properties).get("BucketName", local_name(name))).lower()
        with urlopen(Request(f"{endpoint}/{bucket}", method="PUT")):
            made[name] = Physical(bucket, {"Arn": f"arn:aws:s3:::{bucket}"})
    return made


def create_secrets(
    endpoint: str,
    template: Mapping[str, Any],
    resolver: Resolver,
    data_dir: Path,
    sources: Iterable[str],
) -> tuple[dict[str, Physical], dict[str, dict[str, Any]]]:
    """The secrets by logical id, and their values, kept in `data_dir` over restarts."""
    physical, values = {}, {}
    with AwsJson(endpoint, "secretsmanager", REGION) as client:
        for name, properties in resources_of(template, SECRET).items():
            resolved = resolver.resolve(properties)
            value = secret_store.load_or_create(data_dir / f"{name}.json", resolved, sources)
            arn = client.call(
                "CreateSecret",
                Name=str(resolved.get("Name", local_name(name))),
                SecretString=json.dumps(value),
                ClientRequestToken=f"{name:-<32}",
            )["ARN"]
            physical[name], values[name] = Physical(arn, {"Id": arn}), value
    return physical, values


def sdk_environment(dynamodb: str, queues: str) -> dict[str, str]:
    """What the SDKs need to reach the engines; the names are the SDKs' own."""
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb,
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": dynamodb,
        "AWS_ENDPOINT_URL_SQS": queues,
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": queues,
        "AWS_ENDPOINT_URL_S3": queues,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Nobody collects embedded metrics here; they would be one line per invocation.
        "POWERTOOLS_METRICS_DISABLED": "true",
    }
