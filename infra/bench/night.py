"""The product's night on a table: `python -m infra.bench.night ENDPOINT PLAN`, PLAN being JSON.

`{"nights": ["2026-11-26", ...], "count": false, "move": null}`; prints a line of JSON for each. The
processor's time is that of the work alone; what the process took to start is told beside it. With
`count` units are counted, which takes time of its own. `move` is a night at which the brand draws
the second line of frequency itself, one order further.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from datetime import date
from typing import Any

from infra.bench import environment
from infra.bench.units import Units

endpoint, plan = sys.argv[1], json.loads(sys.argv[2])
environment.settle(endpoint)
units = Units()
if plan["count"]:
    units.install()

from siyu.aws import client  # noqa: E402
from siyu.domain.schemes import DEFAULT, Lines, Rule  # noqa: E402
from siyu.services.segment_members import segment_members  # noqa: E402
from siyu.storage import nights, rows, schemes  # noqa: E402

# As boto3's client over there, ours are made before the time is taken.
client("dynamodb")
rows._client()  # noqa: SLF001


def move_line(night: date) -> None:
    """Publish lines as they stand, with the second one of frequency moved."""
    last = nights.last_published()
    if last is None:
        raise RuntimeError("no night was published")
    cuts = last.schemes[0][1]
    first, second, *rest = cuts.frequency
    own = Lines(cuts.recency, (first, second + 1, *rest), cuts.monetary)
    moved = replace(DEFAULT, version=2, effective_from=night, rule=Rule.OWN, own_lines=own)
    schemes.append(schemes.load(), moved, {"default@2": "bench"})


def run(night: str) -> dict[str, Any]:
    """One night, measured."""
    if night == plan["move"]:
        move_line(date.fromisoformat(night))
    before, began, wall = units.report(), time.process_time(), time.monotonic()
    reports = segment_members(date.fromisoformat(night))
    after = units.report()
    return {
        "cpu": time.process_time() - began,
        "wall": time.monotonic() - wall,
        "start": began,
        "members": sum(one.members for one in reports),
        "changed": sum(one.changed for one in reports),
        "moved": sum(sum(one.flows.values()) for one in reports),
        **{name: after[name] - before[name] for name in after},
    }


for night_ in plan["nights"]:
    print(json.dumps(run(night_)), flush=True)
