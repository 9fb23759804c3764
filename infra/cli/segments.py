"""`siyu segments explain`, `nights`, `flows`, `run`: what the segmentation says, and its night."""

from __future__ import annotations

from argparse import Namespace
from datetime import date, datetime
from typing import Any

from infra.cli.output import note, show, table
from siyu.api.night import tell
from siyu.api.segment import SegmentResponse
from siyu.api.segment_nights import FlowsResponse, SegmentsResponse
from siyu.domain.calendar import business_date
from siyu.services.explain_segment import explain_segment
from siyu.services.segment_flows import segment_flows
from siyu.services.segment_members import segment_members
from siyu.services.show_segments import NightShown, last_night, show_segments


def explain_command(options: Namespace, _now: datetime) -> int:
    told = SegmentResponse.from_domain(explain_segment(options.member, options.scheme))
    show(told.model_dump(mode="json"), as_json=options.json)
    if told.pending:
        note("the stored label is not the computed one: a night is under way, or days are ahead")
    return 0


def nights_command(options: Namespace, now: datetime) -> int:
    until = options.until or business_date(now)
    found = show_segments(options.scheme, options.since, until)
    if options.json:
        told = SegmentsResponse.from_domain(options.scheme, found, "all")
        show(told.model_dump(mode="json"), as_json=True)
        return 0
    table(
        [_lines(one) if options.lines else _sizes(one, options.by) for one in found], as_json=False
    )
    if not found:
        note(_last_night(options.scheme, until))
    return 0


def flows_command(options: Namespace, _now: datetime) -> int:
    found = segment_flows(options.scheme, options.first, options.last, options.by, bounded=False)
    told = FlowsResponse.from_domain(found).model_dump(mode="json", by_alias=True)
    if not options.json:
        told["parts"] = [{options.by: name, **part} for name, part in told["parts"].items()]
    show(told, as_json=options.json)
    return 0


def run_command(options: Namespace, now: datetime) -> int:
    today = business_date(now)
    as_of = options.as_of or today
    if as_of > today:
        note("that night is to come: it would keep all nights before it from running")
        return 2
    reports = segment_members(as_of)
    if options.json:
        show({"as_of": as_of, "schemes": tell(reports)}, as_json=True)
    else:
        table([_sizes(NightShown(report, None), "stage") for report in reports], as_json=False)
    if not reports:
        note("a later night has been published: nothing was done")
    return int(not reports)


def _last_night(scheme: str, until: date) -> str:
    """Where to look, when there is nothing in the days that were asked for."""
    last = last_night(scheme, until)
    none = "no night is over in these days"
    return f"{none}; the last one before was that of {last}: --until {last}" if last else none


def _sizes(shown: NightShown, by: str) -> dict[str, Any]:
    report = shown.report
    return {
        "night": report.as_of,
        "scheme": report.scheme,
        "version": report.version,
        "members": report.members,
        "bought": report.population,
        "changed": report.changed,
        **{name: part.members for name, part in report.parts(by).items()},
    }


def _lines(shown: NightShown) -> dict[str, Any]:
    lines = shown.lines
    return {
        "night": shown.report.as_of,
        "drawn": lines and lines.as_of,
        "recency_days": lines and lines.recency,
        "frequency": lines and lines.frequency,
        "monetary_minor": lines and lines.monetary,
        "high": lines and lines.high,
        "super_user_minor": lines and lines.super_user_minor,
        "key_care_orders": lines and lines.key_care_orders,
    }
