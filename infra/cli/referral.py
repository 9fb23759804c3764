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
from siyu.services.publish_programme import publish, published


def programmes_command(options: Namespace, now: datetime) -> int:
    listed = ProgrammesResponse.from_domain(published(), now)
    if options.json:
        show(listed.model_dump(mode="json"), as_json=True)
        return 0
    rows = [_row(one) for one in listed.programmes]
    table(
        [{"in_force": row["version"] == listed.in_force, **row} for row in rows],
        as_json=False,
    )
    note("times are Shanghai's, amounts minor units, ratios basis points; --json has all rules")
    return 0


def publish_command(options: Namespace, now: datetime) -> int:
    draft = read_rules(options.rules)
    if draft is None:
        return 2
    programme = publish(draft, options.by, now)
    show(ProgrammeBody.from_domain(programme).model_dump(mode="json"), as_json=options.json)
    note(f"{programme.version} decides about what is paid from then on; it cannot be changed")
    return 0


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
        "coupon": f"{one.coupon.name} {one.coupon.value_minor}" if one.coupon else None,
        "published_by": one.published_by,
    }


def _caps(one: ListedProgrammeBody) -> Iterator[str]:
    """The caps on a referrer, such as `50000 a month`."""
    windows = {"day": one.per_day_minor, "month": one.per_month_minor, "year": one.per_year_minor}
    for window, most in windows.items():
        if most is not None:
            yield f"{most} a {window}"
