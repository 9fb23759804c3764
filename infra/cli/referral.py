"""`siyu referral …`: the versions of the referral rules, and what others would have come to."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from infra.cli.output import note, show, table
from infra.cli.work import each, progress
from siyu.api.programme import ProgrammeBody, ProgrammeRequest, ProgrammesResponse
from siyu.domain.what_if import Doubt, Outcome
from siyu.services.publish_programme import Draft, publish, published
from siyu.services.simulate_programme import Comparison, compare, history_of, weigh
from siyu.storage.history import referrals

MAX_SHOWN = 20
LISTED = (
    *("version", "effective_from", "enabled", "rate_bp", "fixed_minor", "max_credit_minor"),
    *("min_order_minor", "hold_days", "budget_minor", "published_by"),
)


def programmes_command(options: Namespace, now: datetime) -> int:
    listed = ProgrammesResponse.from_domain(published(), now)
    if options.json:
        show(listed.model_dump(mode="json"), as_json=True)
        return 0
    rows = [{name: getattr(one, name) for name in LISTED} for one in listed.programmes]
    table(
        [{"in_force": row["version"] == listed.in_force, **row} for row in rows],
        as_json=False,
    )
    return 0


def publish_command(options: Namespace, now: datetime) -> int:
    draft = _read(options.rules)
    if draft is None:
        return 2
    programme = publish(draft, options.by, now)
    show(ProgrammeBody.from_domain(programme).model_dump(mode="json"), as_json=options.json)
    note(f"{programme.version} decides about what is paid from then on; it cannot be changed")
    return 0


def simulate_command(options: Namespace, _now: datetime) -> int:
    draft = _read(options.rules)
    if draft is None:
        return 2
    rules = draft.programme
    note("reads the whole table; nothing is written")
    known = history_of(progress(referrals(), 0, "referrals and credits"), options.since)
    found = each(lambda one: weigh(one, rules, known), known.bindings, "friends")
    _show(compare((one for some in found for one in some), rules, known), as_json=options.json)
    return 0


def _read(path: Path) -> Draft | None:
    """The rules of a file, by the API's own checks; None when they were refused, which is told."""
    try:
        return ProgrammeRequest.model_validate_json(path.read_bytes()).to_draft()
    except OSError as error:
        note(f"{path}: {error.strerror or 'cannot be read'}")
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False)[:MAX_SHOWN]:
            where = ".".join(map(str, one["loc"]))
            note(f"{path}: {where + ': ' if where else ''}{one['msg']}")
        note("mend the file: it has the fields of POST /v1/console/programmes")
    return None


def _show(compared: Comparison, *, as_json: bool) -> None:
    actual, simulated = compared.actual.totals, compared.simulated.totals
    columns = {
        "actual": asdict(actual),
        "simulated": asdict(simulated),
        "difference": asdict(simulated.minus(actual)),
    }
    if as_json:
        doubts = {
            "actual": _doubts(compared.actual.doubts),
            "simulated": _doubts(compared.simulated.doubts),
        }
        show({**columns, "blocked_or_in_review": doubts}, as_json=True)
        return
    table(
        [
            {"": name, **{column: found[name] for column, found in columns.items()}}
            for name in columns["actual"]
        ],
        as_json=False,
    )
    for title, outcome in (("actual", compared.actual), ("simulated", compared.simulated)):
        _list(title, outcome)


def _list(title: str, outcome: Outcome) -> None:
    rows = [
        {**one, "reasons": ", ".join(one["reasons"]) or None} for one in _doubts(outcome.doubts)
    ]
    if rows:
        print()
        show({f"blocked or in review, {title}": rows}, as_json=False)


def _doubts(doubts: Sequence[Doubt]) -> list[dict[str, Any]]:
    return [
        {
            "credit": one.order_key,
            "referrer": one.referrer_id,
            "verdict": one.verdict.value,
            "reasons": list(one.reasons),
        }
        for one in doubts
    ]
