"""Reads template.yaml as data: CloudFormation tags, SAM Globals, functions and triggers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.local.errors import LocalError
from infra.local.resolver import Resolver
from infra.local.triggers import (
    Function,
    QueueMapping,
    Route,
    Schedule,
    StreamMapping,
    queue_mapping,
    route,
    schedule,
    stream_mapping,
)

__all__ = [
    "Function",
    "QueueMapping",
    "Route",
    "Schedule",
    "StreamMapping",
    "functions",
    "load_template",
    "resources_of",
]
FUNCTION = "AWS::Serverless::Function"


class _Loader(yaml.SafeLoader):
    """SafeLoader with the short tags; its own class, because constructors are class-wide."""


def _short_tag(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)
# AWSTemplateFormatVersion and IAM's Version look like dates but are names.
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def load_template(path: Path | str) -> dict[str, Any]:
    """The template as plain data; short tags become {"Ref": ..} and {"Fn::..": ..}."""
    location = Path(path)
    if not location.is_file():
        raise LocalError(f"no template at {location}")
    with location.open(encoding="utf-8") as stream:
        document = yaml.load(stream, Loader=_Loader)  # noqa: S506 - derives from SafeLoader
    if not isinstance(document, dict) or "Resources" not in document:
        raise LocalError(f"{location} is not a CloudFormation template")
    return document


def merge_globals(shared: Any, own: Any) -> Any:
    """SAM's rule: mappings merge, lists are appended to the global ones, own scalars win."""
    if isinstance(shared, dict) and isinstance(own, dict):
        missing = {key: value for key, value in shared.items() if key not in own}
        both = {key: merge_globals(shared[key], own[key]) for key in own if key in shared}
        return {**missing, **own, **both}
    if isinstance(shared, list) and isinstance(own, list):
        return [*shared, *own]
    return own


def resources_of(template: Mapping[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Logical id -> Properties of all resources of one type, in the template's order."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def functions(
    template: Mapping[str, Any], parameters: Mapping[str, str] | None = None
) -> dict[str, Function]:
    """Every function that exists under these parameters, by logical id."""
    resolver = Resolver(template, parameters)
    shared = template.get("Globals", {}).get("Function", {})
    found = {}
    for name, own in resources_of(template, FUNCTION).items():
        condition = template["Resources"][name].get("Condition")
        if condition is None or resolver.condition(condition):
            found[name] = _function(name, resolver.resolve(merge_globals(shared, own)))
    return found


def _function(name: str, properties: Mapping[str, Any]) -> Function:
    events = properties.get("Events", {})

    def of_type(kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [
            (label, event.get("Properties", {}))
            for label, event in events.items()
            if event["Type"] == kind
        ]

    return Function(
        logical_id=name,
        handler=str(properties["Handler"]),
        code_uri=str(properties.get("CodeUri", ".")),
        timeout=int(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        environment=properties.get("Environment", {}).get("Variables", {}),
        routes=tuple(route(spec) for _, spec in of_type("HttpApi")),
        queues=tuple(queue_mapping(spec) for _, spec in of_type("SQS")),
        streams=tuple(stream_mapping(spec) for _, spec in of_type("DynamoDB")),
        schedules=tuple(schedule(label, spec) for label, spec in of_type("ScheduleV2")),
    )
