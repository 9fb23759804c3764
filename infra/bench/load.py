"""Fills a fresh table: `python -m infra.bench.load ENDPOINT ITEMS [MADE]`. MADE is what the
generator told; with it the table is left as the product's night before left it."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from infra.bench import environment
from infra.local import cloud
from infra.local.aws_json import AwsJson
from infra.local.engine import ROOT
from infra.local.resolver import REGION, Resolver
from infra.local.template import load_template, resources_of

BATCH = 25


def batches(items: Path) -> Iterator[list[Any]]:
    """The items in requests as large as one may be."""
    with gzip.open(items) as file:
        while batch := [{"PutRequest": {"Item": json.loads(line)}} for line in islice(file, BATCH)]:
            yield batch


def fill(endpoint: str, items: Path) -> None:
    """Create the table as the template has it, and put the items."""
    template = load_template(ROOT / "template.yaml")
    # Nobody listens here, and the engine takes long over what it keeps for listeners.
    del resources_of(template, cloud.TABLE)["Table"]["StreamSpecification"]
    table = cloud.create_tables(endpoint, template, Resolver(template, {}))["Table"]
    if table.ref != environment.TABLE:
        raise RuntimeError(f"the table is called {table.ref}")
    with AwsJson(endpoint, "dynamodb", REGION) as client:
        for batch in batches(items):
            answer = client.call("BatchWriteItem", RequestItems={table.ref: batch})
            if answer.get("UnprocessedItems"):
                raise RuntimeError("the engine did not take all items")


def finish(made: dict[str, Any]) -> None:
    """Leave what the night before left: the lines that orders were labelled by, and its report."""
    from siyu.domain.night_report import Report  # noqa: PLC0415 - the environment is set below
    from siyu.storage import nights, schemes  # noqa: PLC0415

    last = schemes.to_published(made["published"])
    nights.publish(last)
    for scheme, _ in last.schemes:
        report = Report(scheme.name, scheme.version, last.night)
        nights.put_run(report)


if __name__ == "__main__":
    endpoint_, items_, *made_ = sys.argv[1:]
    environment.settle(endpoint_)
    fill(endpoint_, Path(items_))
    for file_ in made_:
        finish(json.loads(Path(file_).read_text()))
