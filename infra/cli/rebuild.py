"""`siyu segments rebuild`: everybody's figures from the facts, beside what is stored."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from infra.cli.output import note, show
from infra.cli.work import progress
from siyu.services.rebuild_figures import rebuild
from siyu.storage.behind_figures import Fact

MAX_SHOWN = 20


def rebuild_command(options: Namespace, _now: datetime) -> int:
    note("reads the whole table" if options.write else "reads the whole table; writes nothing")
    result = rebuild(write=options.write, watch=_watch)
    shown = result.differences if options.json else result.differences[:MAX_SHOWN]
    record = {
        "members": result.members,
        "orders": result.orders,
        "labels_compared": result.labels,
        "members_that_differ": result.differing,
        "repaired": result.repaired,
        "kept_changing": sorted(result.unsettled),
        "differences": [asdict(one) for one in shown],
    }
    show(record, as_json=options.json)
    if len(result.differences) > len(shown):
        note(f"{len(result.differences) - len(shown):,} more: --json has all")
    if not result.labels:
        note("a night is under way, so labels were not compared: run it again when it is over")
    if result.unsettled:
        note("whose figures kept changing could not be compared: run it again")
    return int(result.differing > result.repaired or bool(result.unsettled))


def _watch(facts: Iterable[Fact]) -> Iterator[Fact]:
    return progress(facts, 0, "accounts, orders and consents")
