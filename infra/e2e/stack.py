"""The deployed stack, and what is done to it that ministack leaves out or a person does by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.e2e.account import Account
from infra.e2e.routes import API, Route, make_routes, routes_of
from infra.e2e.sam import STACK
from infra.e2e.steps import expect
from infra.local import secret_store
from infra.local.errors import LocalError
from infra.local.stack import DEFAULT_SOURCE

# The only functions of the story that call WeChat.
CALLERS_OF_WECHAT = ("ScanSignupFunction", "MemberPrivacyFunction")
SKIPPED = "DELETE_SKIPPED"
DUE = "<aws.scheduler.scheduled-time>"


class Stack:
    """Looks everything up as a person would: by the stack's outputs and logical ids."""

    def __init__(self, account: Account) -> None:
        self._account = account

    @cached_property
    def template(self) -> Mapping[str, Any]:
        """As the transform of serverless resources left it."""
        client = self._account.client("cloudformation")
        body = client.get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
        read: Mapping[str, Any] = json.loads(body) if isinstance(body, str) else body
        return read

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """Logical id -> physical id."""
        client = self._account.client("cloudformation")
        found = client.describe_stack_resources(StackName=STACK)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        client = self._account.client("cloudformation")
        found = client.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        return {one["OutputKey"]: one["OutputValue"] for one in found}

    @cached_property
    def api(self) -> str:
        """The id of the HTTP API."""
        (name,) = (n for n, one in self.template["Resources"].items() if one["Type"] == API)
        return self.ids[name]

    @cached_property
    def routes(self) -> list[Route]:
        return routes_of(self.template)

    def make_routes(self) -> None:
        """Those that the template asks for."""
        gateway = self._account.client("apigatewayv2")
        make_routes(gateway, self.api, self.routes, self.ids.__getitem__)

    def set_ttl(self) -> None:
        """As the template says, and ministack does not read."""
        wanted = self.template["Resources"]["Table"]["Properties"]["TimeToLiveSpecification"]
        self._account.client("dynamodb").update_time_to_live(
            TableName=self.outputs["TableName"], TimeToLiveSpecification=wanted
        )

    def fill_secret(self, scratch: Path) -> dict[str, Any]:
        """By the file that the page on deployment describes: got, edited, put back and removed.

        The accounts of WeCom and the official account are made up, as is WeChat's secret.
        """
        client, name = self._account.client("secretsmanager"), self.outputs["SecretsId"]
        path = scratch / "secret.json"
        path.touch(mode=0o600)
        try:
            path.write_text(client.get_secret_value(SecretId=name)["SecretString"])
            secret = secret_store.load_or_create(path, {}, (DEFAULT_SOURCE,))
            client.put_secret_value(SecretId=name, SecretString=path.read_text())
        finally:
            path.unlink()
        return secret

    def point_at(self, wechat: str) -> None:
        """Gives the functions the stand-in's address, by another version of each.

        The template takes https and a host name alone, and no port below 1024 is ours to open.
        """
        client = self._account.client("lambda")
        for logical_id in CALLERS_OF_WECHAT:
            name = self.ids[logical_id]
            known = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
            variables = {**known, "WECHAT_API_URL": wechat}
            client.update_function_configuration(
                FunctionName=name, Environment={"Variables": variables}
            )
            for alias in client.list_aliases(FunctionName=name)["Aliases"]:
                version = client.publish_version(FunctionName=name)["Version"]
                client.update_alias(FunctionName=name, Name=alias["Name"], FunctionVersion=version)

    def hold_schedules(self) -> None:
        """Switches them off: ministack reads neither the time zone nor the mark in the input."""
        client = self._account.client("scheduler")
        for one in client.list_schedules()["Schedules"]:
            told = client.get_schedule(Name=one["Name"])
            keys = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")
            kept = {key: told[key] for key in keys}
            zone = told["ScheduleExpressionTimezone"]
            client.update_schedule(**kept, ScheduleExpressionTimezone=zone, State="DISABLED")

    def fire(self, logical_id: str, due: datetime) -> Any:
        """What the schedule starts, with its input as of `due` (aware); returns the answer.

        Raises LocalError when the function fails.
        """
        target = self._account.client("scheduler").get_schedule(Name=self.ids[logical_id])["Target"]
        payload = target["Input"].replace(DUE, due.strftime("%Y-%m-%dT%H:%M:%SZ"))
        answer = self._account.client("lambda").invoke(FunctionName=target["Arn"], Payload=payload)
        told = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise LocalError(f"{logical_id} failed: {told}")
        return told

    def bring(self, source: str, name: str, file: str) -> None:
        """A till's day file, put where `order_import` waits for it."""
        self._account.client("s3").put_object(
            Bucket=self.outputs["ImportsBucketName"],
            Key=f"incoming/{source}/{name}",
            Body=file.encode(),
        )

    def given_up(self) -> dict[str, int]:
        """Messages by dead-letter queue."""
        client, found = self._account.client("sqs"), {}
        for name, url in self.outputs.items():
            if name.endswith("DeadLetterQueueUrl"):
                asked = client.get_queue_attributes(
                    QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
                )
                found[name] = int(asked["Attributes"]["ApproximateNumberOfMessages"])
        return found

    def failing(self) -> list[str]:
        """The queues and streams whose last batch failed."""
        mappings = self._account.client("lambda").list_event_source_mappings()
        return [
            one["EventSourceArn"]
            for one in mappings["EventSourceMappings"]
            if one.get("LastProcessingResult", "").startswith("FAILED")
        ]

    def logged(self) -> Iterator[str]:
        """All that the functions logged: the group, a space, the line."""
        client = self._account.client("logs")
        groups, events = map(client.get_paginator, ("describe_log_groups", "filter_log_events"))
        names = (one["logGroupName"] for page in groups.paginate() for one in page["logGroups"])
        for name in names:
            for page in events.paginate(logGroupName=name):
                yield from (f"{name} {event['message'].rstrip()}" for event in page["events"])

    def delete(self) -> None:
        """By CloudFormation, where `sam delete` stumbles over a nested template's address.

        Raises LocalError unless exactly that stays which is marked to outlive its stack.
        """
        client = self._account.client("cloudformation")
        stack = client.describe_stacks(StackName=STACK)["Stacks"][0]["StackId"]
        client.delete_stack(StackName=stack)
        waiter = client.get_waiter("stack_delete_complete")
        waiter.wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        pages = client.get_paginator("describe_stack_events").paginate(StackName=stack)
        events = [event for page in pages for event in page["StackEvents"]]
        resources = self.template["Resources"]
        stayed = {one["LogicalResourceId"] for one in events if one["ResourceStatus"] == SKIPPED}
        marked = {
            n for n in self.ids if resources[n].get("DeletionPolicy", "").startswith("Retain")
        }
        expect("what outlives the stack", stayed, marked)
        table = self._account.client("dynamodb").describe_table(TableName=self.outputs["TableName"])
        expect("the table, afterwards", table["Table"]["TableStatus"], "ACTIVE")
