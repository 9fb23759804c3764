"""`make bench-cost`: what signups, orders, credits, redemptions, reads and nights cost, in one run.

`python -m infra.cost.run [--size N] [--region us-east-1|cn-north-1] [--month] [--members N ...]
[--json]`. Units and requests are counted; Lambda's time is an estimate (infra/cost/estimate.py).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.bench import prices
from infra.bench.prices import Tariff
from infra.cost import measured, report
from infra.cost.cloud import CostCloud
from infra.cost.flow import Flow, Work
from infra.cost.month import Month, Usage, month
from infra.cost.scenarios import play
from infra.local.engine import find_dynoxide

SIZE = 50
MEMBERS = (10_000, 1_000_000)


def counted(size: int) -> dict[str, Flow]:
    """Everything done so many times."""
    # Powertools warns where a request leaves no metric.
    warnings.filterwarnings("ignore", message="No application metrics to publish")
    with (
        tempfile.TemporaryDirectory(prefix="siyu-cost-") as folder,
        CostCloud(Path(folder)) as cloud,
    ):
        return dict(play(cloud, size))


def as_json(flows: dict[str, Flow], made: list[Month], tariff: Tariff) -> dict[str, Any]:
    """All of it, for machines."""
    dated = measured.load()
    return {
        "region": tariff.region,
        "currency": tariff.currency,
        "prices": tariff.dated,
        "scenarios": {name: _flow(flow, tariff) for name, flow in flows.items()},
        "night_of_a_million": dated.night(measured.MILLION),
        "measured": asdict(dated),
        "usage": Usage().table(),
        "months": [{**asdict(one), "cost": report.dollars(one.total(), tariff)[0]} for one in made],
    }


def _flow(flow: Flow, tariff: Tariff) -> dict[str, Any]:
    read, write = flow.units()
    thousand = flow.per(report.THOUSAND)
    cost, lacking = report.dollars(thousand, tariff)
    return {
        "count": flow.count,
        "read": read,
        "write": write,
        "requests": flow.requests(),
        "stored_bytes": flow.stored,
        "functions": {name: _work(work) for name, work in flow.works.items()},
        "per_thousand": thousand,
        "cost_per_thousand": cost,
        "without_price": sorted(lacking),
    }


def _work(work: Work) -> dict[str, Any]:
    used = work.used
    return {
        "memory_mb": work.memory_mb,
        "invocations": work.invocations,
        "cpu_seconds": work.cpu,
        "billed_ms": work.ms,
        "log_bytes": work.log_bytes,
        "read": used.read,
        "write": used.write,
        "requests": used.requests,
        "partners": used.partners,
    }


def main() -> int:
    """Exit code 1 where the engine that counts like AWS is missing."""
    parser = argparse.ArgumentParser(prog="python -m infra.cost.run", description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="how often each thing is done")
    parser.add_argument("--region", choices=prices.regions(), default=prices.HOME)
    parser.add_argument("--month", action="store_true", help="what a month costs, and no more")
    parser.add_argument("--members", type=int, nargs="+", default=list(MEMBERS))
    parser.add_argument("--json", action="store_true", help="print figures for machines")
    options = parser.parse_args()
    if find_dynoxide() is None:
        print("Only dynoxide counts units as AWS does: run `make engine`.", file=sys.stderr)
        return 1
    began, tariff = time.monotonic(), prices.tariff(options.region)
    flows = counted(options.size)
    dated = measured.load()
    made = [month(members, flows, dated) for members in options.members]
    if options.json:
        print(json.dumps(as_json(flows, made, tariff), indent=1))
        return 0
    lines = [] if options.month else [*report.scenarios(flows, dated, tariff), ""]
    lines += [] if options.month else [*report.functions(flows), ""]
    lines += [*report.months(made, Usage(), tariff), "", *report.standing(made[0], tariff), ""]
    lines.append(report.unconfirmed(tariff))
    print("\n".join(lines))
    print(f"{options.size} of each, {time.monotonic() - began:.0f} seconds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
