"""Turns the outcome into `summary.json` and into a page that a shop owner understands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.demo.figures import MemberState, Outcome
from infra.demo.plan import Plan
from infra.demo.proof import Comparison
from infra.demo.reader import BadRow
from siyu.domain import segments

GROUPS = tuple(segments.GROUPS.values())
STAGES = segments.STAGES
TOP_REFERRERS = 5
SHOWN_BAD_ROWS = 20

Summary = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds; `setup` is None when nobody measured it."""

    setup: float | None
    run: float


def summarise(
    plan: Plan, bad: Iterable[BadRow], outcome: Outcome, comparison: Comparison, timing: Timing
) -> Summary:
    bad, members = list(bad), outcome.members.values()
    figures = [state.figures for state in members]
    return {
        "as_of": plan.as_of.isoformat(),
        "currency": plan.currency,
        "members": len(outcome.members),
        "orders": outcome.totals.orders,
        "refunds": outcome.totals.refunds,
        "net_sales_minor": outcome.totals.net_minor,
        "members_net_sales_minor": sum(one.net_minor for one in figures),
        "groups": _shares(members, GROUPS, lambda state: state.group),
        "stages": _shares(members, STAGES, lambda state: state.stage),
        "unscored_members": sum(state.group is None for state in members),
        "credits": {
            "pending": sum(one.pending for one in figures),
            "released": sum(one.released for one in figures),
            "reversed": sum(one.reversed for one in figures),
        },
        "referrals": {
            "edges": sum(scan.referrer is not None for scan in plan.scans),
            "synthetic": True,
        },
        "top_referrers": _top_referrers(plan, outcome),
        "unclaimed_orders": outcome.unclaimed_orders,
        "duplicates_delivered": outcome.duplicates_delivered,
        "quarantined": outcome.quarantined,
        "bad_rows": len(bad),
        "bad_row_reasons": [f"line {row.line}: {row.reason}" for row in bad[:SHOWN_BAD_ROWS]],
        "compared_members": comparison.compared,
        "differing_members": comparison.differing,
        "differences": list(comparison.differences),
        "read_units": outcome.read_units,
        "write_units": outcome.write_units,
        "orders_per_second": round(outcome.totals.orders / max(outcome.replay_seconds, 0.001), 1),
        "setup_seconds": timing.setup,
        "run_seconds": round(timing.run, 1),
    }


def write_summary(summary: Summary, path: Path) -> None:
    """Replaces the file in one step, so a killed run leaves the old one or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


def _shares(
    members: Iterable[MemberState],
    names: Iterable[str],
    name_of: Callable[[MemberState], str | None],
) -> Mapping[str, Mapping[str, int]]:
    """Every known name in its own order, then any name this page does not know yet."""
    shares = {name: {"members": 0, "net_sales_minor": 0} for name in names}
    for state in members:
        name = name_of(state)
        if name is not None:
            share = shares.setdefault(name, {"members": 0, "net_sales_minor": 0})
            share["members"] += 1
            share["net_sales_minor"] += state.figures.net_minor
    return shares


def _top_referrers(plan: Plan, outcome: Outcome) -> list[dict[str, str | int]]:
    brought = Counter(scan.referrer for scan in plan.scans if scan.referrer is not None)

    def earned(customer_id: str) -> int:
        state = outcome.members.get(customer_id)
        return state.figures.pending + state.figures.released if state else 0

    best = sorted(brought, key=lambda name: (-earned(name), -brought[name], name))
    return [
        {"customer_id": name, "referred": brought[name], "credit_minor": earned(name)}
        for name in best[:TOP_REFERRERS]
    ]
