"""How large the parts of a scheme were night by night, and by which lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from siyu.domain.cut_points import CutPoints
from siyu.domain.night_report import Report
from siyu.errors import SpanRefusedError
from siyu.services.publish_scheme import check_scheme
from siyu.storage import nights

USUAL_NIGHTS, MAX_NIGHTS = 30, 400


@dataclass(frozen=True, slots=True)
class NightShown:
    """A night that is over, with the lines that were in force; those of a frozen scheme are of an
    earlier night."""

    report: Report
    lines: CutPoints | None


def show_segments(scheme: str, since: date | None, until: date) -> Sequence[NightShown]:
    """The nights of a scheme, oldest first; `since` is None for the last 30 days up to `until`.

    Three queries. Raises SpanRefusedError for more than 400 days or days the wrong way round, and
    NotFoundError for a scheme that nobody published.
    """
    first = since or until - timedelta(days=USUAL_NIGHTS - 1)
    check_span(first, until)
    found = list(nights.reports(scheme, first, until))
    if not found:
        check_scheme(scheme)
        return []
    drawn = _lines(scheme, first, until)
    shown, lines = [], None
    for report in found:
        while drawn and drawn[0].as_of <= report.as_of:
            lines = drawn.pop(0)
        shown.append(NightShown(report, lines))
    return shown


def last_night(scheme: str, by: date) -> date | None:
    """The last night of a scheme that was over by a day, or None."""
    report = nights.last_report(scheme, by)
    return report.as_of if report else None


def check_span(first: date, last: date) -> None:
    """Raises SpanRefusedError for days the wrong way round, and for more than 400."""
    if first > last:
        raise SpanRefusedError("span_is_empty", "the first day is after the last")
    if (last - first).days >= MAX_NIGHTS:
        raise SpanRefusedError("span_too_long", f"ask for {MAX_NIGHTS} days at most")


def _lines(scheme: str, first: date, last: date) -> list[CutPoints]:
    """The lines that were drawn in the span, after those that stood at its beginning."""
    before = nights.last_lines(scheme, first)
    return [*([before] if before else []), *nights.lines(scheme, first, last)]
