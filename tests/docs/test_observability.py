"""The tables of log lines and metrics say what the code writes: all of it, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

from infra.local.template import load_template
from siyu.counts import MetricName
from tests.docs.reading import DOCS, ROOT, SIYU, rows, text_of

PAGE = DOCS / "observability.md"
FUNCTIONS = ROOT / "functions"
LEVELS = {
    "debug": "DEBUG",
    "info": "INFO",
    "warning": "WARNING",
    "error": "ERROR",
    "exception": "ERROR",
    "critical": "CRITICAL",
}
EVENT = re.compile(r"[a-z]+(?:_[a-z]+)+")
# Methods of the logger that write no line.
SILENT = {"get_correlation_id", "inject_lambda_context", "set_correlation_id"}


class Written(NamedTuple):
    """A log line, as table and code have it in common."""

    event: str
    level: str
    by: str
    fields: tuple[str, ...]


def modules() -> Iterator[tuple[str, ast.Module]]:
    """What ships, by the name that the table has for it."""
    for path in sorted(FUNCTIONS.glob("*/handler.py")):
        yield path.parent.name, ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(SIYU.rglob("*.py")):
        yield str(path.relative_to(SIYU)), ast.parse(path.read_text(encoding="utf-8"))


def calls_of_the_logger() -> Iterator[tuple[str, str, ast.Call]]:
    for name, tree in modules():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="logger"), attr=method)):
                    yield name, method, node


def written(name: str, level: str, call: ast.Call) -> Written:
    """A line names its event in one word and the rest in fields, each by its own name."""
    (event,) = (argument.value for argument in call.args if isinstance(argument, ast.Constant))
    where = f"{name}:{call.lineno}"
    assert len(call.args) == 1, where
    assert EVENT.fullmatch(str(event)), where
    fields = tuple(keyword.arg for keyword in call.keywords if keyword.arg)
    assert len(fields) == len(call.keywords), f"{where} has fields without a name"
    return Written(str(event), LEVELS[level], name, fields)


def in_the_code() -> set[Written]:
    return {
        written(name, method, call)
        for name, method, call in calls_of_the_logger()
        if method not in SILENT
    }


def names(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


def in_the_table() -> list[Written]:
    return [
        Written(names(event)[0], level, by, names(fields))
        for event, level, writers, fields, meaning in rows(PAGE, "## Log lines")
        for by in names(writers)
        if meaning
    ]


def test_the_table_has_every_line_that_the_code_writes_and_no_other() -> None:
    assert set(in_the_table()) == in_the_code()


def test_no_line_is_told_twice_and_the_table_is_sorted() -> None:
    told = in_the_table()
    assert len(set(told)) == len(told)
    events = [one.event for one in told]
    assert events == sorted(events)


def test_a_logger_is_called_by_no_other_name() -> None:
    """What the comparison does not see, it does not compare."""
    for path in (*FUNCTIONS.glob("*/*.py"), *SIYU.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        own = path.relative_to(SIYU.parent).name if path.is_relative_to(SIYU) else ""
        assert own == "runtime.py" or "getLogger" not in text, path
        assert not re.search(
            r"logger as |= logger\b(?!\.)|getattr\(logger|^\s*print\(", text, re.MULTILINE
        ), path


class Metric(NamedTuple):
    name: str
    alarms: tuple[str, ...]


def metrics_in_the_table() -> list[Metric]:
    found = []
    for metric, unit, dimensions, meaning, alarm in rows(PAGE, "## Metrics"):
        assert (unit, dimensions) == ("Count", "service")
        assert meaning
        found.append(Metric(names(metric)[0], names(alarm)))
    return found


def alarms() -> dict[str, tuple[str, ...]]:
    """The alarms on our own metrics, by metric."""
    resources: dict[str, Any] = load_template(ROOT / "template.yaml")["Resources"]
    found: dict[str, tuple[str, ...]] = {}
    for name, resource in resources.items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            told = resource["Properties"]
            if told.get("Namespace") == "Siyu":
                service = {"Name": "service", "Value": {"Ref": "AWS::StackName"}}
                assert told["Dimensions"] == [service], name
                found[told["MetricName"]] = (*found.get(told["MetricName"], ()), name)
    return found


def test_the_table_has_every_metric_and_every_alarm_on_one() -> None:
    told = metrics_in_the_table()
    assert [one.name for one in told] == sorted(get_args(MetricName))
    assert {one.name: one.alarms for one in told if one.alarms} == alarms()


def strings(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def test_every_metric_is_counted_somewhere() -> None:
    """By name: mypy lets no other name through, and nothing else adds to a metric."""
    counts = SIYU / "counts.py"
    others = [*FUNCTIONS.glob("*/handler.py"), *(set(SIYU.rglob("*.py")) - {counts})]
    used = {string for path in others for string in strings(path)}
    assert set(get_args(MetricName)) <= used
    adding = [path for path in others if "add_metric" in path.read_text(encoding="utf-8")]
    assert not adding


def test_the_price_is_that_of_so_many_metrics() -> None:
    number = len(get_args(MetricName))
    prose = " ".join(text_of(PAGE).split())
    assert f"There are {number} metrics." in prose
    assert f"{number * 30 // 100}.{number * 30 % 100:02d} USD for all of them" in prose


def test_the_runbook_names_every_alarm_with_its_section() -> None:
    """One row stands for the alarms on errors, of which each function has one."""
    told = {
        name: section
        for alarms_of_it, section in rows(DOCS / "runbook.md", "## An alarm went off")
        for name in names(alarms_of_it)
    }
    described: dict[str, str] = {}
    for name, resource in load_template(ROOT / "template.yaml")["Resources"].items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            text = resource["Properties"]["AlarmDescription"]
            (section,) = re.findall(r'See the runbook, "([^"]+)"\.$', text)
            described["<Name>ErrorsAlarm" if section == "A function fails" else name] = section
    assert told == described


OPERATIONS = ROOT / "infra" / "operations.yaml"
# What a line has besides its own fields, and what Lambda and CloudWatch add.
GIVEN = {"message", "level", "function_name", "correlation_id", "exception_name", "errorType"}
NAMED = re.compile(r"message (?:= |in \[)([^\]|\n]+)")


def queries() -> list[str]:
    resources = load_template(OPERATIONS)["Resources"].values()
    kind = "AWS::Logs::QueryDefinition"
    return [one["Properties"]["QueryString"] for one in resources if one["Type"] == kind]


def test_the_dashboard_shows_metrics_that_there_are() -> None:
    shown = re.findall(r'\["Siyu", "(\w+)"', text_of(OPERATIONS))
    assert len(shown) >= 30
    assert set(shown) <= set(get_args(MetricName))


def test_saved_queries_ask_for_events_and_fields_that_there_are() -> None:
    events = {one.event for one in in_the_code()}
    fields = {field for one in in_the_code() for field in one.fields}
    asked = {name for text in queries() for told in NAMED.findall(text) for name in words(told)}
    assert asked
    assert asked <= events
    listed = [text for text in queries() if text.startswith("fields ") and "record." not in text]
    assert len(listed) == 4
    for text in listed:
        shown = text.splitlines()[0].removeprefix("fields ").split(", ")
        assert {one for one in shown if not one.startswith("@")} <= fields | GIVEN


def words(quoted: str) -> list[str]:
    return re.findall(r'"(\w+)"', quoted)
