"""The night's work: lines over all members, labels for all, writes for those that changed.

A night runs once for a business day. Run again it finds its reports and does nothing; run again
after it was cut short it goes on with the lines it published and with the labels it wrote. One that
nobody ran again is finished before the next begins: what it labelled has to be on its pages.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from siyu.domain.cut_points import CutPoints
from siyu.domain.night_report import Report
from siyu.domain.published import Published
from siyu.errors import ContentionError
from siyu.services.draw_lines import draw
from siyu.services.label_members import Night, label_members
from siyu.storage import keys, nights, rows, schemes

ALL_SHARDS = range(keys.AGGREGATE_SHARDS)


def segment_members(as_of: date) -> list[Report]:
    """Segment everybody as of a business day, in one process; a report for each scheme, and none
    where a later night has overtaken this one.

    The members are held in memory: some 200 bytes each, ten million in 2 GB. Raises ContentionError
    when it should be run again.
    """
    done = reports_of(as_of)
    if done is not None:
        return done
    last = nights.last_published()
    if last is not None and last.begun < as_of and reports_of(last.begun) is None:
        segment_members(last.begun)
    night = begin(as_of)
    columns = rows.read_shards(ALL_SHARDS, as_of, night.windows)
    drawn = {one.name: draw(columns, one, as_of) for one in night.undrawn}
    lines = publish(night, drawn)
    reports = label_members(columns, night, lines, nights.page_shards(len(columns)))
    finish(reports)
    return reports


def reports_of(as_of: date) -> list[Report] | None:
    """The reports of a night that is over, or None."""
    last = nights.last_published()
    if last is not None and last.begun > as_of:
        return []
    in_force = schemes.load().on(as_of)
    found = nights.runs(as_of, [one.name for one in in_force])
    if len(found) < len(in_force):
        return None
    return [Report.of_body(found[one.name]) for one in in_force]


def begin(as_of: date) -> Night:
    """Begin a night, or go on with it: orders note from here on that they changed a label since.
    Raises ContentionError where a later night has begun."""
    last = nights.last_published()
    in_force = schemes.load().on(as_of)
    lines = dict(nights.cut_points(as_of, [one.name for one in in_force]))
    for scheme, stand in last.schemes if last else ():
        # Where there were too few buyers for lines, none are to stay.
        stays = stand.high is not None and not scheme.cutting.due(stand.as_of, as_of)
        if scheme in in_force and stays:
            lines.setdefault(scheme.name, stand)
    before = as_of - timedelta(days=1)
    if last is not None:
        if last.begun < as_of:
            last = _begun(last, as_of)
        if last.begun > as_of:
            raise ContentionError("a later night has begun")
        before = (last.night if last.night < as_of else last.before) or before
    return Night(as_of, before, in_force, lines)


def _begun(last: Published, as_of: date) -> Published:
    """Note that a night has begun, unless somebody did, of this night or a later one; returns what
    is noted."""
    noted = Published(last.night, last.before, as_of, last.schemes)
    return noted if nights.publish(noted) else nights.last_published() or noted


def publish(night: Night, drawn: Mapping[str, CutPoints]) -> Mapping[str, CutPoints]:
    """Publish lines, first for whoever looks at the night, then for orders; returns those that
    count. Of two runs of a night the first has drawn them. Raises ContentionError where a later
    night has begun."""
    lines = {**night.lines}
    for scheme in night.undrawn:
        lines[scheme.name] = nights.put_cut_points(night.as_of, scheme, drawn[scheme.name])
    pairs = tuple((scheme, lines[scheme.name]) for scheme in night.schemes)
    if not nights.publish(Published(night.as_of, night.last_night, night.as_of, pairs)):
        raise ContentionError("a later night has begun")
    return lines


def finish(reports: Iterable[Report]) -> None:
    """Record that a night is done."""
    for report in reports:
        nights.put_run(report.as_of, report.scheme, report.body())
