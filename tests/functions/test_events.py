"""The events on disk are what the gateway, the table and the template make today."""

from __future__ import annotations

import json

import pytest

from infra.local.filters import compile_filters
from infra.local.triggers import stream_mapping
from tests.functions.calls import EVENTS, load
from tests.functions.make_events import make
from tests.template.reading import events, functions, package_of


def on_disk() -> dict[str, object]:
    paths = EVENTS.glob("*/*.json")
    return {f"{path.parent.name}/{path.stem}": json.loads(path.read_text()) for path in paths}


def test_events_on_disk_are_those_the_script_makes() -> None:
    assert on_disk() == make(), "run python -m tests.functions.make_events"


def test_every_function_has_an_event() -> None:
    assert {package_of(name) for name in functions()} == {name.split("/")[0] for name in on_disk()}


@pytest.mark.parametrize("function", sorted(events("DynamoDB")))
def test_stream_events_pass_the_filter_of_their_function_alone(function: str) -> None:
    _, spec = events("DynamoDB")[function]
    passes = compile_filters(stream_mapping(spec).patterns)
    readers = {package_of(name) for name in events("DynamoDB")}
    names = [name for name in on_disk() if name.partition("/")[0] in readers]
    assert len(names) >= 5
    for name in names:
        (record,) = load(name)["Records"]
        assert passes(record) is name.startswith(package_of(function)), name
