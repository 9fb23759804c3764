"""The night's work: lines over all members, labels for all, writes for those that changed.

A night runs once for a business day. Run again it finds its reports and does nothing; run again
after it was cut short it goes on with the lines it published and with the labels it wrote. One that
nobody ran again is finished before the next begins: what it labelled has to be on its pages.

Of two runs of a night at once, each in a process of its own, the one that began last has the night:
it has looked at the labels last. The other stops before it writes pages or reports; were its pages
on the way by then, it looks and writes once more.
"""

import secrets as randomness
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from siyu.domain.cut_points import CutPoints
from siyu.domain.night_report import NO_SCHEME, Report
from siyu.domain.published import Published
from siyu.errors import ContentionError
from siyu.services.draw_lines import draw
from siyu.services.label_members import label_members
from siyu.services.place_members import Night
from siyu.storage import keys, nights, rows, schemes

ALL_SHARDS = range(keys.AGGREGATE_SHARDS)
OTHER_RUN = "another run of the night, or a later night, has begun"


def segment_members(as_of: date) -> list[Report]:
    """Segment everybody as of a business day, in one process; a report for each scheme, one of no
    scheme where none is in force, and none where a later night has overtaken this one.

    The members are held in memory: 360 bytes each with one scheme, 60 for each further one.
    Raises ContentionError when it should be run again.
    """
    done = reports_of(as_of)
    if done is not None:
        return done
    last = nights.last_published()
    if last is not None and last.begun < as_of and reports_of(last.begun) is None:
        segment_members(last.begun)
    reports = None
    while reports is None:
        reports = _run(as_of)
    return reports


def _run(as_of: date) -> list[Report] | None:
    """None where another run took the night while this one stood still and wrote over the pages of
    that one: then everything is to be looked at, and written, once more."""
    night = begin(as_of, randomness.token_hex(8))
    columns = rows.read_shards(ALL_SHARDS, as_of, night.windows)
    drawn = {one.name: draw(columns, one, as_of) for one in night.undrawn}
    page_shards = night.page_shards or nights.page_shards(len(columns))
    lines = publish(night, drawn, page_shards)
    told = range(page_shards) if night.again else ()
    reports = label_members(columns, night, lines, page_shards, told)
    try:
        return finish(as_of, reports, night.run)
    except ContentionError:
        return None


def reports_of(as_of: date) -> list[Report] | None:
    """The reports of a night that is over, or None."""
    last = nights.last_published()
    if last is None or last.begun < as_of:
        return None
    if last.begun > as_of:
        return []
    names = [one.name for one in schemes.load().on(as_of)] or [NO_SCHEME]
    found = nights.runs(as_of, names)
    return [found[name] for name in names] if len(found) == len(names) else None


def begin(as_of: date, run: str | None = None) -> Night:
    """Begin a night, or go on with it: orders note from here on that they changed a label since.
    `run` is the name of a run that wants the night for itself. Raises ContentionError where a later
    night has begun."""
    last = nights.last_published()
    known = schemes.load()
    in_force = known.on(as_of)
    lines = dict(nights.cut_points(as_of, [one.name for one in in_force]))
    for scheme, stand in last.schemes if last else ():
        # Where there were too few buyers for lines, none are to stay.
        stays = stand.high is not None and not scheme.cutting.due(stand.as_of, as_of)
        if scheme in in_force and stays:
            lines.setdefault(scheme.name, stand)
    before = as_of - timedelta(days=1)
    again, page_shards = False, None
    if last is not None:
        again = last.begun == as_of
        if last.begun < as_of or (run and again):
            last = _begun(last, as_of, run)
        if last.begun > as_of:
            raise ContentionError("a later night has begun")
        if run and last.run != run:
            raise ContentionError(OTHER_RUN)
        before = (last.night if last.night < as_of else last.before) or before
        page_shards = last.page_shards if last.night == as_of else None
    narrowed = known.narrowed(as_of)
    return Night(as_of, before, in_force, lines, narrowed, page_shards, run, again)


def _begun(last: Published, as_of: date, run: str | None) -> Published:
    """Note that a night has begun and who runs it, unless another run of it was further or a later
    one has begun; returns what is noted."""
    noted = replace(last, begun=as_of, run=run)
    return noted if nights.publish(noted) else nights.last_published() or noted


def publish(
    night: Night, drawn: Mapping[str, CutPoints], page_shards: int | None = None
) -> Mapping[str, CutPoints]:
    """Publish lines, first for whoever looks at the night, then for orders; returns those that
    count. Of two runs of a night the first has drawn them. Raises ContentionError where a later
    night has begun, or another run of this one."""
    lines = {**night.lines}
    for scheme in night.undrawn:
        lines[scheme.name] = nights.put_cut_points(night.as_of, scheme, drawn[scheme.name])
    pairs = tuple((scheme, lines[scheme.name]) for scheme in night.schemes)
    as_of, run = night.as_of, night.run
    board = Published(as_of, night.last_night, as_of, pairs, night.page_shards or page_shards, run)
    if not nights.publish(board, run):
        raise ContentionError(OTHER_RUN)
    return lines


def finish(as_of: date, reports: Iterable[Report], run: str | None = None) -> list[Report]:
    """Record that a night is done; returns its reports. Raises ContentionError where a `run` has
    the night no more."""
    last = nights.last_published() if run else None
    if last is not None and not nights.publish(replace(last, run=None), run):
        raise ContentionError(OTHER_RUN)
    told = list(reports) or [Report(NO_SCHEME, 0, as_of)]
    for report in told:
        nights.put_run(report)
    return told
