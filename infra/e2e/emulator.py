"""Starts ministack with the one thing that its CloudFormation refuses and ours asks for.

Run as a script by the virtual environment that has ministack, never by the project's own. An alarm
over an expression of metrics is recorded as one over its first metric: no alarm is evaluated there
anyway, and without this the whole stack would roll back.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

ALARM = "AWS::CloudWatch::Alarm"


def plain(properties: dict[str, Any]) -> dict[str, Any]:
    """The same alarm over the first metric that its expression reads."""
    queries = properties.get("Metrics") or []
    stats = [query["MetricStat"] for query in queries if "MetricStat" in query]
    if not stats:
        return properties
    metric = stats[0]["Metric"]
    rest = {name: value for name, value in properties.items() if name != "Metrics"}
    return {**rest, "Namespace": metric["Namespace"], "MetricName": metric["MetricName"]}


def main() -> None:
    handlers = import_module("ministack.services.cloudformation.provisioners")._RESOURCE_HANDLERS  # noqa: SLF001
    create = handlers[ALARM]["create"]
    handlers[ALARM]["create"] = lambda name, properties, stack: create(
        name, plain(properties), stack
    )
    import_module("ministack.app").main()


if __name__ == "__main__":
    main()
