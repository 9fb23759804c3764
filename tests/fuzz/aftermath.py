"""What the requests left behind: a drained queue, no dead letters, no errors in the logs."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.local.aws_json import AwsJson
from infra.local.cloud import QUEUE
from infra.local.errors import LocalError
from infra.local.resolver import REGION
from infra.local.runner import LocalCloud
from infra.local.template import resources_of

DRAIN_SECONDS = 60.0
ERRORS = {"ERROR", "CRITICAL"}
TRACEBACK = "Traceback (most recent call last)"
ENGINES = {"engine.log", "queues.log", "wechat.log"}
# By the name of the line, with why it has to be there.
EXPECTED = {"queue_unavailable": "the line to the queues is cut to reach the 503"}
SHOWN = 5
# Kinds of items that only come of what was signed and generated.
BEHIND = {"FACT": "facts of orders", "RELATION": "relations of contacts"}


def drained(cloud: LocalCloud) -> list[str]:
    """Waits until everything accepted has been handled; what did not come to an end."""
    try:
        cloud.wait_idle(DRAIN_SECONDS)
    except LocalError as error:
        return [str(error)]
    return []


def complaints(cloud: LocalCloud) -> list[str]:
    """What should not be there: deliveries that failed, dead letters, errors in the logs."""
    found = [
        f"{name}: {status.failed} deliveries failed"
        for name, status in cloud.status().items()
        if status.failed
    ]
    for name in resources_of(cloud.template, QUEUE):
        depth = cloud.queue_depth(name) if name.endswith("DeadLetterQueue") else 0
        if depth:
            found.append(f"{name}: {depth} messages")
    for log in sorted(cloud.logs.glob("*.log")):
        if log.name not in ENGINES:
            found += [f"{log.name}: {line}" for line in list(errors(log))[:SHOWN]]
    return found


def got_behind(cloud: LocalCloud) -> list[str]:
    """Says on standard error what the generator has brought about; what of it is missing."""
    counts = left(cloud)
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    print(f"left behind: {said}", file=sys.stderr)
    return [f"no {text} came of it" for kind, text in BEHIND.items() if kind not in counts]


def left(cloud: LocalCloud) -> dict[str, int]:
    """How many items of each kind there are; of what was set aside, how many for each reason."""
    counts: Counter[str] = Counter()
    page: dict[str, Any] = {}
    with AwsJson(cloud.engine.endpoint, "dynamodb", REGION) as client:
        while "Items" not in page or "LastEvaluatedKey" in page:
            after = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if page else {}
            page = client.call("Scan", TableName=cloud.env["TABLE_NAME"], **after)
            for item in page["Items"]:
                reason = f" {item['reason']['S']}" if "reason" in item else ""
                counts[item["kind"]["S"] + reason] += 1
    return dict(sorted(counts.items()))


def errors(log: Path) -> Iterator[str]:
    """Lines of level ERROR but for those expected, and what tracebacks come to."""
    within: list[str] = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if within and not line.startswith(" ") and line != TRACEBACK:
            yield f"{line} ({within[-1].strip()})"
            within = []
        elif within or line.startswith(TRACEBACK):
            within.append(line)
        elif _is_error(line):
            yield line
    yield from within[:1]


def _is_error(line: str) -> bool:
    try:
        entry = json.loads(line)
    except ValueError:
        return False
    if not isinstance(entry, dict) or entry.get("level") not in ERRORS:
        return False
    return entry.get("message") not in EXPECTED
