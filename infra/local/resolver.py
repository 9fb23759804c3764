"""Evaluates CloudFormation intrinsics against parameters and the names of local resources."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.errors import LocalError

ACCOUNT = "000000000000"
REGION = "us-east-1"
PSEUDO: Mapping[str, Any] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "siyu-local",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/siyu-local/local",
    "AWS::NotificationARNs": [],
}
NO_VALUE = object()
VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


@dataclass(frozen=True)
class Physical:
    """What Ref and Fn::GetAtt of one local resource give."""

    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def defaults(template: Mapping[str, Any], overrides: Mapping[str, str]) -> dict[str, Any]:
    """Parameter values; an override for a parameter the template does not have is ignored."""
    declared: Mapping[str, Any] = template.get("Parameters", {})
    return {name: overrides.get(name, spec.get("Default")) for name, spec in declared.items()}


class Resolver:
    """Intrinsics of resources not (yet) known stay as they are, so parts can be resolved early."""

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str] | None = None,
        resources: Mapping[str, Physical] | None = None,
    ) -> None:
        self._template = template
        self.parameters = dict(parameters or {})
        self._values = {**PSEUDO, **defaults(template, self.parameters)}
        self._resources = dict(resources or {})
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Equals": self._equals,
            "Fn::Not": lambda arg: not self.resolve(arg[0]),
            "Fn::And": lambda arg: all(self.resolve(part) for part in arg),
            "Fn::Or": lambda arg: any(self.resolve(part) for part in arg),
            "Condition": lambda arg: self.condition(str(arg)),
        }

    def resolve(self, node: Any) -> Any:
        """The node with every intrinsic replaced; AWS::NoValue entries disappear."""
        if isinstance(node, list):
            return [value for item in node if (value := self.resolve(item)) is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (name, argument) = next(iter(node.items()))
            # "Condition" is also an ordinary key of IAM statements, with a mapping as its value.
            if name in self._functions and (name != "Condition" or isinstance(argument, str)):
                return self._functions[name](argument)
        pairs = ((key, self.resolve(value)) for key, value in node.items())
        return {key: value for key, value in pairs if value is not NO_VALUE}

    def condition(self, name: str) -> bool:
        conditions = self._template.get("Conditions", {})
        if name not in conditions:
            raise LocalError(f"the template has no condition {name!r}")
        return bool(self.resolve(conditions[name]))

    def text(self, node: Any) -> str:
        """The node as a string. Raises LocalError when an unknown resource is left in it."""
        value = self.resolve(node)
        if isinstance(value, dict | list):
            raise LocalError(f"cannot be resolved locally: {value!r}")
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._values:
            return self._values[name]
        if name in self._resources:
            return self._resources[name].ref
        return self._unknown(name, {"Ref": name})

    def _get_att(self, argument: list[str]) -> Any:
        name, attribute = argument
        known = self._resources.get(name)
        if known is not None and attribute in known.attributes:
            return known.attributes[attribute]
        return self._unknown(name, {"Fn::GetAtt": argument})

    def _unknown(self, name: str, intrinsic: dict[str, Any]) -> dict[str, Any]:
        if name not in self._template.get("Resources", {}):
            raise LocalError(f"the template refers to {name!r}, which it does not define")
        return intrinsic

    def _sub(self, argument: str | list[Any]) -> Any:
        text, extra = (argument, {}) if isinstance(argument, str) else argument
        unknown = False

        def replace(match: re.Match[str]) -> str:
            nonlocal unknown
            literal, name = match.groups()
            if literal:
                return "${" + name + "}"
            value = self._variable(name, extra)
            unknown = unknown or isinstance(value, dict)
            return str(value)

        result = VARIABLE.sub(replace, text)
        return {"Fn::Sub": argument} if unknown else result

    def _variable(self, name: str, extra: Mapping[str, Any]) -> Any:
        if name in extra:
            return self.resolve(extra[name])
        if "." in name:
            return self._get_att(name.split(".", 1))
        return self._ref(name)

    def _if(self, argument: list[Any]) -> Any:
        return self.resolve(argument[1 if self.condition(argument[0]) else 2])

    def _join(self, argument: list[Any]) -> Any:
        parts = self.resolve(argument[1])
        if any(isinstance(part, dict) for part in parts):
            return {"Fn::Join": argument}
        return str(argument[0]).join(str(part) for part in parts)

    def _select(self, argument: list[Any]) -> Any:
        return self.resolve(argument[1])[int(self.resolve(argument[0]))]

    def _split(self, argument: list[Any]) -> Any:
        return str(self.resolve(argument[1])).split(argument[0])

    def _find_in_map(self, argument: list[Any]) -> Any:
        name, first, second = (self.resolve(part) for part in argument[:3])
        return self.resolve(self._template["Mappings"][name][first][second])

    def _equals(self, argument: list[Any]) -> bool:
        left, right = (self.text(part) for part in argument)
        return left == right
