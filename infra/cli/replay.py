"""`siyu replay …`: events that were accepted, could have no effect, and wait for somebody.

What they say is shown only when it is asked for: it is as its sender wrote it, persons included.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from datetime import datetime
from typing import Any

from infra.cli.output import note, show, table
from infra.cli.work import progress
from siyu.api.quarantine import READERS
from siyu.domain.quarantine import Aside
from siyu.errors import ContentionError, NotFoundError, RefusalError, UnavailableError
from siyu.services import replay_events
from siyu.services.order_events import REFUSED
from siyu.services.try_events import Tried

NOT_FOUND, TRY_AGAIN, RESOLVED = "not_found", "try_again", "resolved_before"
MAX_CHARS = 200
Row = dict[str, Any]


def list_command(options: Namespace, _now: datetime) -> int:
    found = replay_events.list_open(options.source, options.reason, options.limit)
    table([_listed(one) for one in found], as_json=options.json)
    if not found:
        note("nothing waits for a decision")
    elif len(found) == options.limit:
        note("there may be more: --limit N")
    return 0


def show_command(options: Namespace, _now: datetime) -> int:
    aside, message = replay_events.show(options.event)
    standing = aside.resolution
    shown = _listed(aside) | {
        "outcome": standing.outcome if standing else None,
        "resolved_by": standing.by if standing else None,
        "resolved_at": standing.at if standing else None,
        "because": standing.because if standing else None,
    }
    show(shown | ({"message": message} if options.raw else {}), as_json=options.json)
    return 0


def try_command(options: Namespace, _now: datetime) -> int:
    return _work(_tried, options.event, as_json=options.json)


def run_command(options: Namespace, now: datetime) -> int:
    if options.event and (options.source or options.reason):
        note("--source and --reason choose among --all: name events, or filter them")
        return 2
    events = options.event
    if options.all:
        found = replay_events.list_open(options.source, options.reason)
        events = [str(one.name) for one in found]
        if not events:
            note("nothing waits for a decision")

    def run(event: str) -> list[Row]:
        done = replay_events.replay(event, READERS, options.by, now)
        by = done.resolution.by if done.resolution else None
        return [_came_to(event, done.outcome, by, done.reason, done.detail)]

    return _work(run, events, as_json=options.json)


def discard_command(options: Namespace, now: datetime) -> int:
    def discard(event: str) -> list[Row]:
        replay_events.discard(event, options.by, options.because, now)
        return [_came_to(event, "discarded", options.by)]

    return _work(discard, options.event, as_json=options.json)


def _work(work: Callable[[str], list[Row]], events: list[str], *, as_json: bool) -> int:
    """One after another, oldest first: of two that contradict each other, the first told holds."""
    rows: list[Row] = []
    for event in progress(events, len(events), "events"):
        try:
            rows += work(event)
        except NotFoundError:
            rows.append(_came_to(event, NOT_FOUND))
        except (UnavailableError, ContentionError) as error:
            rows.append(_came_to(event, TRY_AGAIN, detail=str(error)))
        except RefusalError as error:
            rows.append(_came_to(event, RESOLVED, detail=str(error)))
    table(rows, as_json=as_json)
    outcomes = {row["outcome"] for row in rows}
    if TRY_AGAIN in outcomes:
        return 3
    return 1 if outcomes & {NOT_FOUND, RESOLVED, REFUSED} else 0


def _tried(event: str) -> list[Row]:
    trial = replay_events.try_event(event, READERS)
    if not trial.events:
        return [_would(event, trial.outcome, trial.reason, trial.detail, None)]
    return [_would(event, one.outcome, one.reason, one.detail, one) for one in trial.events]


def _would(
    event: str, outcome: str, reason: str | None, detail: str | None, tried: Tried | None
) -> Row:
    return {
        "event": event,
        "order": tried.order_key if tried else None,
        "outcome": outcome,
        "net_before_minor": tried.net_before_minor if tried else None,
        "net_after_minor": tried.net_after_minor if tried else None,
        "counted_before_minor": tried.counted_before_minor if tried else None,
        "counted_after_minor": tried.counted_after_minor if tried else None,
        "member_known": tried.member_known if tried else None,
        "reason": reason,
        "detail": detail,
    }


def _came_to(
    event: str,
    outcome: str,
    by: str | None = None,
    reason: str | None = None,
    detail: str | None = None,
) -> Row:
    return {"event": event, "outcome": outcome, "by": by, "reason": reason, "detail": detail}


def _listed(aside: Aside) -> Row:
    return {
        "event": str(aside.name),
        "source": _line(aside.source),
        "reason": aside.reason,
        "received_at": aside.name.received_at,
        "attempts": aside.attempts,
        "detail": _line(aside.detail),
    }


def _line(text: str) -> str:
    """What somebody else wrote, fit for a line of a terminal."""
    return "".join(one if one.isprintable() else "?" for one in text[:MAX_CHARS])
