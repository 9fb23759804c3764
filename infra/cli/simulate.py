"""`siyu referral simulate`: what other rules would have come to, beside what stands."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from infra.cli.output import note, show, table
from infra.cli.rules import read_tried
from infra.cli.work import each, progress
from siyu.domain.vetting import Verdict
from siyu.domain.what_if import Doubt, Outcome
from siyu.services.simulate_programme import Comparison, compare, history_of, weigh
from siyu.settings import settings
from siyu.storage.history import referrals

MAX_SHOWN = 20
Row = dict[str, Any]


def simulate_command(options: Namespace, _now: datetime) -> int:
    draft = read_tried(options.rules)
    if draft is None:
        return 2
    rules = draft.programme
    note("reads the whole table; nothing is written")
    known = history_of(progress(referrals(), 0, "referrals and credits"), options.since)
    note(f"read {len(known.bindings):,} friends and {len(known.credits):,} credits")
    note("weighs the friends' orders")
    found = each(lambda one: weigh(one, rules, known), known.bindings, "friends")
    note(f"weighed {sum(map(len, found)):,} orders")
    compared = compare((one for some in found for one in some), rules, known)
    if options.json:
        show(_record(compared, with_list=options.list), as_json=True)
    else:
        _print(compared, rules.version, with_list=options.list)
    return 0


def _print(compared: Comparison, version: str, *, with_list: bool) -> None:
    record = _record(compared, with_list=with_list)
    note(f"actual is what stands, simulated what {version} would have come to")
    note(f"amounts are minor units of {record['currency']}")
    note("held_back_minor: worth it by the rules, but caps or budget did not let it through")
    note("coupons_minor: at face value, redeemed or not; cost_minor: kept_minor and they together")
    columns = {name: record[name] for name in ("actual", "simulated", "difference")}
    table(
        [
            {"": name, **{column: found[name] for column, found in columns.items()}}
            for name in columns["actual"]
        ],
        as_json=False,
    )
    for side, sums in record["doubts"].items():
        for by, rows in sums.items():
            if rows:
                print(f"\nblocked or in review, {side}, by {by}:")
                table(rows[:MAX_SHOWN], as_json=False, indent="  ")
            if len(rows) > MAX_SHOWN:
                note(f"{len(rows) - MAX_SHOWN:,} more: --json has all")
    for side, rows in record.get("blocked_or_in_review", {}).items():
        if rows:
            print()
            show({f"blocked or in review, {side}": rows}, as_json=False)


def _record(compared: Comparison, *, with_list: bool) -> Row:
    """All of it: the figures, the doubtful summed up, and with `with_list` one by one."""
    actual, simulated = compared.actual.totals, compared.simulated.totals
    sides = {"actual": compared.actual, "simulated": compared.simulated}
    record: Row = {
        "currency": settings().currency,
        "actual": asdict(actual),
        "simulated": asdict(simulated),
        "difference": asdict(simulated.minus(actual)),
        "doubts": {side: _sums(outcome) for side, outcome in sides.items()},
    }
    if with_list:
        listed = {side: [_one(doubt) for doubt in one.doubts] for side, one in sides.items()}
        record["blocked_or_in_review"] = listed
    return record


def _sums(outcome: Outcome) -> Row:
    """Most first. A credit counts under each of its reasons."""
    kept = {one.order_key: one.kept_minor for one in outcome.credits}
    return {
        "reason": _added("reason", outcome.doubts, lambda one: one.reasons, kept),
        "referrer": _added("referrer", outcome.doubts, lambda one: (one.referrer_id,), kept),
    }


def _added(
    label: str,
    doubts: Iterable[Doubt],
    names_of: Callable[[Doubt], Iterable[str]],
    kept: dict[str, int],
) -> list[Row]:
    blocked, waiting, minor = Counter[str](), Counter[str](), Counter[str]()
    for one in doubts:
        for name in names_of(one):
            (blocked if one.verdict is Verdict.BLOCK else waiting)[name] += 1
            if one.verdict is Verdict.REVIEW:
                minor[name] += kept[one.order_key]
    names = sorted(blocked.keys() | waiting.keys(), key=lambda x: (-blocked[x] - waiting[x], x))
    return [
        {
            label: name,
            "blocked": blocked[name],
            "in_review": waiting[name],
            "in_review_minor": minor[name],
        }
        for name in names
    ]


def _one(doubt: Doubt) -> Row:
    return {
        "credit": doubt.order_key,
        "referrer": doubt.referrer_id,
        "verdict": doubt.verdict.value,
        "reasons": list(doubt.reasons),
    }
