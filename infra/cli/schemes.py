"""`siyu segments schemes`, `publish`: the versions of the segmentation schemes."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from typing import Any

from infra.cli.checked import read_scheme
from infra.cli.output import note, show, table
from siyu.api.scheme import ListedSchemeBody, SchemeBody, SchemesResponse
from siyu.domain.calendar import business_date
from siyu.services.publish_scheme import publish, published


def schemes_command(options: Namespace, now: datetime) -> int:
    listed = SchemesResponse.from_domain(published(), business_date(now))
    if options.json:
        show(listed.model_dump(mode="json"), as_json=True)
        return 0
    table([_row(one) for one in listed.schemes], as_json=False)
    note(f"tonight is the night of {listed.night}; --json has all rules")
    return 0


def publish_command(options: Namespace, now: datetime) -> int:
    wanted = read_scheme(options.rules)
    if wanted is None:
        return 2
    made = publish(wanted.to_scheme(), options.by, now)
    show(SchemeBody.from_domain(made).model_dump(mode="json"), as_json=options.json)
    note(f"version {made.version} of {made.name} counts from the night of {made.effective_from} on")
    return 0


def _row(one: ListedSchemeBody) -> dict[str, Any]:
    shown = ("name", "version", "effective_from", "tonight", "next_night", "enabled")
    rules = ("window_days", "rule", "high", "cutting")
    return {
        **{name: getattr(one, name) for name in (*shown, *rules)},
        "stores": f"{len(one.stores)}" if one.stores else "all",
        "published_by": one.published_by,
    }
