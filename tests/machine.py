"""A state machine as Step Functions runs it: reads the file that is deployed, calls a function.

It knows what our definition uses and refuses the rest, so nothing in the file goes unseen.
https://states-language.net/spec.html
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

Invoke = Callable[[dict[str, Any]], Any]
# What a state may have that does not change its output.
TIMING = {"Comment", "TimeoutSeconds", "MaxConcurrency", "ToleratedFailurePercentage"}
PAYLOAD_BYTES = 256 * 1024
STEPS = 100


class FailedError(Exception):
    """The execution failed; the error's name, as the history would tell it."""


def load(path: Path, substitutions: Mapping[str, str]) -> dict[str, Any]:
    """A definition with its substitutions filled in."""
    text = path.read_text(encoding="utf-8")
    for name, value in substitutions.items():
        text = text.replace("${" + name + "}", value)
    definition: dict[str, Any] = yaml.safe_load(text)
    return definition


class Machine:
    """Runs a definition. `invoke` is the function; what it raises fails the task, which is retried.

    The parts of a map run in an order of chance, one after another.
    """

    def __init__(self, definition: dict[str, Any], invoke: Invoke, seed: int = 0) -> None:
        self._definition = definition
        self._invoke = invoke
        self._random = random.Random(seed)
        self.retries = 0

    def run(self, given: Any) -> Any:
        """The output of an execution. Raises FailedError."""
        return self._run(self._definition, json.loads(json.dumps(given)), {})

    def _run(self, machine: Mapping[str, Any], value: Any, context: Mapping[str, Any]) -> Any:
        name = machine["StartAt"]
        for _ in range(STEPS):
            state = machine["States"][name]
            value, following = self._state(state, value, context)
            assert len(json.dumps(value)) <= PAYLOAD_BYTES, f"{name} passes on too much"
            if following is None:
                return value
            name = following
        raise FailedError("it walks in a circle")

    def _state(
        self, state: Mapping[str, Any], value: Any, context: Mapping[str, Any]
    ) -> tuple[Any, str | None]:
        fields = dict(state)
        kind = fields.pop("Type")
        done = getattr(self, f"_{kind.lower()}")(fields, value, context)
        following = done[1] or fields.pop("Next", None)
        if not following and kind != "Succeed":
            assert fields.pop("End"), "a state leads nowhere"
        assert fields.keys() <= TIMING, f"unknown fields {fields.keys() - TIMING}"
        return done[0], following

    def _succeed(self, _fields: Any, value: Any, _context: Any) -> tuple[Any, None]:
        return value, None

    def _choice(self, fields: dict[str, Any], value: Any, context: Any) -> tuple[Any, str]:
        following = fields.pop("Default")
        for choice in reversed(fields.pop("Choices")):
            assert choice.keys() == {"Variable", "BooleanEquals", "Next"}
            if look_up(choice["Variable"], value, context) is choice["BooleanEquals"]:
                following = choice["Next"]
        return value, following

    def _task(self, fields: dict[str, Any], value: Any, context: Any) -> tuple[Any, None]:
        assert fields.pop("Resource").endswith(":states:::lambda:invoke")
        given = fill_in(fields.pop("Parameters"), value, context)
        assert given.keys() == {"FunctionName", "Payload"}
        result = {"Payload": self._tried(given["Payload"], fields.pop("Retry"))}
        if "ResultPath" not in fields:
            return look_up(fields.pop("OutputPath"), result, context), None
        selected = fill_in(fields.pop("ResultSelector", {}), result, context)
        path = fields.pop("ResultPath")
        return {**value, path.removeprefix("$."): selected} if path else value, None

    def _tried(self, payload: Any, retriers: list[dict[str, Any]]) -> Any:
        """One call, and as many more as the last retrier allows, which is for every error."""
        assert retriers[-1]["ErrorEquals"] == ["States.ALL"]
        for attempt in range(retriers[-1]["MaxAttempts"] + 1):
            self.retries += bool(attempt)
            try:
                return self._invoke(payload)
            except BaseException as error:  # noqa: BLE001 - a killed process is an error like any
                name = type(error).__name__
        raise FailedError(name)

    def _map(self, fields: dict[str, Any], value: Any, context: Any) -> tuple[Any, None]:
        items = look_up(fields.pop("ItemsPath"), value, context)
        selector, processor = fields.pop("ItemSelector"), dict(fields.pop("ItemProcessor"))
        assert processor.pop("ProcessorConfig")["Mode"] == "DISTRIBUTED"
        assert fields.pop("ResultPath") is None
        for item in self._random.sample(items, len(items)):
            inside = {"Map": {"Item": {"Value": item}}}
            self._run(processor, fill_in(selector, value, inside), inside)
        return value, None


def fill_in(template: Any, value: Any, context: Mapping[str, Any]) -> Any:
    """A template with the paths of its keys in `.$` looked up."""
    if not isinstance(template, dict):
        return template
    return {
        key.removesuffix(".$"): look_up(inner, value, context)
        if key.endswith(".$")
        else fill_in(inner, value, context)
        for key, inner in template.items()
    }


def look_up(path: str, value: Any, context: Mapping[str, Any]) -> Any:
    """What a path of names leads to, in the input or, after `$$`, in the context."""
    found, names = (context, path[2:]) if path.startswith("$$") else (value, path[1:])
    for name in filter(None, names.split(".")):
        found = found[name]
    return found
