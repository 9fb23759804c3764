"""`siyu referral programmes`, `publish`: the versions of the referral rules."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from infra.cli.output import note, show, table
from infra.cli.rules import read_rules
from siyu.api.programme import ListedProgrammeBody, ProgrammeBody, ProgrammesResponse
from siyu.domain.calendar import BUSINESS_ZONE
from siyu.services.publish_programme import Plan, plan, publish, published
from siyu.services.sum_programmes import sum_up

TOTALS = ("given_minor", "taken_in_minor", "outstanding_minor")


def programmes_command(options: Namespace, now: datetime) -> int:
    known = published()
    listed = ProgrammesResponse.from_domain(known, sum_up(known, now), now)
    if options.json:
        show(listed.model_dump(mode="json"), as_json=True)
        return 0
    rows = [_row(one) for one in listed.programmes]
    table(
        [{"in_force": row["version"] == listed.in_force, **row} for row in rows],
        as_json=False,
    )
    print()
    show({name: getattr(listed, name) for name in TOTALS}, as_json=False)
    note("times are Shanghai's, amounts minor units, ratios basis points; --json has all rules")
    note("given: net of what went back or expired; outstanding: what members hold of it")
    return 0


def publish_command(options: Namespace, now: datetime) -> int:
    draft = read_rules(options.rules)
    if draft is None:
        return 2
    planned = plan(draft, now)
    programme = planned.programme if options.check else publish(draft, options.by, now)
    show(ProgrammeBody.from_domain(programme).model_dump(mode="json"), as_json=options.json)
    for line in _told(planned, check=options.check):
        note(line)
    return 0


def _told(planned: Plan, *, check: bool) -> Iterator[str]:
    """From when on a version decides, and in place of what."""
    name, before, after = planned.programme.version, planned.before, planned.after
    begins = _time(planned.programme.effective_from)
    if planned.standing:
        yield f"{name} is published already; nothing is written"
        if before.version != name:
            yield f"{before.version} was published later for {begins}: {name} never decides"
            return
    verb = "would decide" if check and not planned.standing else "decides"
    where = "" if before.version == name else f", in place of {before.version}"
    yield f"{name} {verb} about what is paid from {begins} on{where}"
    if planned.replaced is not None:
        yield f"{before.version} was to begin at the same instant: it never decides about anything"
    if after is not None:
        yield f"until {_time(after.effective_from)}, when {after.version} begins"
    if check and not planned.standing:
        yield "nothing is written: with --by NAME in the place of --check it is published"
    elif not planned.standing:
        yield "it cannot be changed; until it begins, another version for that instant replaces it"


def _time(instant: datetime) -> str:
    return instant.astimezone(BUSINESS_ZONE).isoformat()


def _row(one: ListedProgrammeBody) -> dict[str, Any]:
    return {
        "version": one.version,
        "effective_from": one.effective_from.astimezone(BUSINESS_ZONE),
        "enabled": one.enabled,
        "rate_bp": one.rate_bp,
        "fixed_minor": one.fixed_minor,
        "max_credit_minor": one.max_credit_minor,
        "min_order_minor": one.min_order_minor,
        "hold_days": one.hold_days,
        "credit_days": one.credit_days,
        "caps": ", ".join(_caps(one)) or None,
        "budget_minor": one.budget_minor,
        "budget_left_minor": one.budget_left_minor,
        "given_minor": one.given_minor,
        "coupon": f"{one.coupon.name} {one.coupon.value_minor}" if one.coupon else None,
        "published_by": one.published_by,
        "replaced_by": one.replaced_by,
    }


def _caps(one: ListedProgrammeBody) -> Iterator[str]:
    """The caps on a referrer, such as `50000 a month`."""
    windows = {"day": one.per_day_minor, "month": one.per_month_minor, "year": one.per_year_minor}
    for window, most in windows.items():
        if most is not None:
            yield f"{most} a {window}"
