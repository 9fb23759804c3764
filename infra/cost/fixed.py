"""What the stack costs while nobody comes, counted from template.yaml and the files it names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from infra.local.engine import ROOT
from infra.local.resolver import Resolver
from infra.local.template import FUNCTION, load_template, resources_of

HOURS = 24 * 30
NIGHTS = 30
# Lambda polls a queue that nobody writes to by so many connections, each for twenty seconds.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
POLLERS, POLL_SECONDS = 5, 20
EMPTY_POLLS = POLLERS * HOURS * 3_600 / POLL_SECONDS
NAMED = re.compile(r'^    "([A-Z]\w+)",$', re.MULTILINE)
STACKS = {"AWS::Serverless::Application": "Location", "AWS::CloudFormation::Stack": "TemplateURL"}


def monthly(parameters: Mapping[str, str], path: Path = ROOT / "template.yaml") -> dict[str, float]:
    """Quantities of a month by the names of the price file. All custom metrics are counted, though
    one is paid by the hour in which it is written."""
    total = _counted(path, parameters)
    total["metric_month"] = len(metrics())
    return {name: number for name, number in total.items() if number}


def metrics() -> list[str]:
    """The names of the custom metrics, as written in the code: importing it would read the
    environment. Each has the one dimension of the service."""
    code = ROOT / "layers" / "core" / "python" / "siyu" / "counts.py"
    return NAMED.findall(code.read_text(encoding="utf-8"))


def _counted(path: Path, parameters: Mapping[str, str]) -> dict[str, float]:
    template = load_template(path)
    resolver = Resolver(template, parameters)
    total: dict[str, float] = defaultdict(float)
    for resource in template["Resources"].values():
        condition = resource.get("Condition")
        if condition is not None and not resolver.condition(condition):
            continue
        properties = resource.get("Properties", {})
        kind = resource["Type"]
        if kind in STACKS:
            inner = path.parent / str(properties[STACKS[kind]])
            for name, number in _counted(inner, _own(properties, resolver)).items():
                total[name] += number
        for name, count in COUNTED.get(kind, {}).items():
            total[name] += count(properties)
    return total


def _own(properties: Mapping[str, Any], resolver: Resolver) -> dict[str, str]:
    given = resolver.resolve(properties.get("Parameters", {}))
    return {name: str(value) for name, value in given.items()}


def one(_: Mapping[str, Any]) -> float:
    """One a resource."""
    return 1


def hours(_: Mapping[str, Any]) -> float:
    """One a resource, by the hour."""
    return HOURS


def alarm_metrics(properties: Mapping[str, Any]) -> float:
    """An alarm costs by the metrics it looks at."""
    told = [metric for metric in properties.get("Metrics", ()) if "MetricStat" in metric]
    return len(told) or 1


def _events(kind: str, each: float) -> Callable[[Mapping[str, Any]], float]:
    """So much for each event of a kind that a function has."""

    def count(properties: Mapping[str, Any]) -> float:
        events = properties.get("Events", {}).values()
        return each * len([event for event in events if event["Type"] == kind])

    return count


COUNTED: Mapping[str, Mapping[str, Callable[[Mapping[str, Any]], float]]] = {
    "AWS::CloudWatch::Alarm": {"alarm_metric_month": alarm_metrics},
    "AWS::CloudWatch::Dashboard": {"dashboard_month": one},
    "AWS::KMS::Key": {"kms_key_month": one},
    "AWS::SecretsManager::Secret": {"secret_month": one},
    "AWS::EC2::NatGateway": {"nat_hour": hours},
    "AWS::EC2::EIP": {"ipv4_hour": hours},
    FUNCTION: {
        "sqs_request": _events("SQS", EMPTY_POLLS),
        "schedule": _events("ScheduleV2", NIGHTS),
    },
}


def secret_readers(path: Path = ROOT / "template.yaml") -> set[str]:
    """The functions that may read the secret, which they do every five minutes of work."""
    found = resources_of(load_template(path), FUNCTION)
    return {name for name, own in found.items() if "secretsmanager:GetSecretValue" in str(own)}
