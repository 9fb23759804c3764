"""The table's stream as it happens: what changed since it was looked at last, with both images,
through the template's filters to the functions that follow it."""

from __future__ import annotations

from typing import Any

from infra.local.filters import compile_filters
from infra.local.template import functions
from tests.acceptance.orders import DONE
from tests.functions.calls import Event, call
from tests.functions.make_events import changed
from tests.support import dump
from tests.template.reading import template

FOLLOWERS = {"MemberChangesFunction": "member_changes", "ReferralCreditFunction": "referral_credit"}


class Changes:
    """Begins with the table as it stands."""

    def __init__(self) -> None:
        self._seen = dump()
        known = functions(template())
        self._wanted = {
            package: compile_filters(
                pattern for mapping in known[name].streams for pattern in mapping.patterns
            )
            for name, package in FOLLOWERS.items()
        }

    def follow(self) -> None:
        """Until nothing changes any more; what the functions write is in the stream, too."""
        while records := self._changes():
            for package, wanted in self._wanted.items():
                mine = [record for record in records if wanted(record)]
                if mine:
                    assert call(package, {"Records": mine}) == DONE

    def _changes(self) -> list[Event]:
        before, self._seen = self._seen, dump()
        records: list[Event] = []
        for key, item in self._seen.items():
            former: dict[str, Any] | None = before.get(key)
            if former == item:
                continue
            (record,) = changed(("INSERT" if former is None else "MODIFY", item))["Records"]
            if former is not None:
                record["dynamodb"]["OldImage"] = former
            record["dynamodb"]["SequenceNumber"] = str(1001 + len(records))
            records.append(record)
        return records
