"""The night in parts, for more members than one process holds: the tasks of the state machine.

infra/segment_night.asl.yaml has their order. Each may run again at any time, also after it was
done, and two machines may run for one night: the lines, labels and reports are those of
`segment_members`. After the night is over, or overtaken by a later one, a task does nothing.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from operator import sub
from typing import Any

from siyu.domain.cut_points import CutPoints, Tally, buckets_to_open, cut
from siyu.domain.night_report import Report
from siyu.domain.quantiles import values_in
from siyu.domain.schemes import Scheme
from siyu.errors import ContentionError
from siyu.services.draw_lines import open_buckets, tally
from siyu.services.label_members import label_members
from siyu.services.place_members import Night
from siyu.services.segment_members import begin, finish, publish, reports_of
from siyu.storage import keys, nights, parts, rows, schemes

# A shard each: with ten million members some 160,000, which a processor labels in a minute or two.
SHARDS_PER_PART = 1
PARTS = tuple(
    range(first, first + SHARDS_PER_PART)
    for first in range(0, keys.AGGREGATE_SHARDS, SHARDS_PER_PART)
)
MEMBERS, LABELS = "members", "labels"


def ranges() -> list[list[int]]:
    """The parts of a night, each by its first shard and the one after its last."""
    return [[shards.start, shards.stop] for shards in PARTS]


def begin_parts(as_of: date) -> date | None:
    """Begin a night, or go on with it; returns the night to run, or None where it is over.

    One that was begun before and never finished is to be run first: what it labelled has to be on
    its pages.
    """
    if reports_of(as_of) is not None:
        return None
    last = nights.last_published()
    if last is not None and last.begun < as_of and reports_of(last.begun) is None:
        return last.begun
    begin(as_of)
    return as_of


def tally_part(as_of: date, shards: range) -> None:
    """Count the population of each scheme in some shards.

    What was counted first stays: members buy while the night runs, and the lines have to be drawn
    over one picture of each part. So the sales are kept one by one, and nobody reads members again
    to look into a bucket.
    """
    night = _unfinished(as_of)
    _check(shards)
    if night is None:
        return
    there = parts.names(as_of, shards)
    missing = [one for one in night.undrawn if _tally_of(one) not in there]
    if not missing and MEMBERS in there:
        return
    columns = rows.read_shards(shards, as_of, night.windows)
    parts.create(as_of, shards, MEMBERS, len(columns))
    for scheme in missing:
        counted = tally(columns, scheme)
        sales = open_buckets(columns, scheme, frozenset(counted.net_buckets))
        parts.create(as_of, shards, _tally_of(scheme), _of_counts(counted, sales))


def publish_lines(as_of: date) -> int:
    """Draw the lines over all parts and publish them; returns into how many pages the changes go.

    Pages and shards are both chosen by the checksum of a member's id modulo a power of two. With no
    fewer pages than shards, a page's members are all of one shard, and one task writes it whole.
    """
    night = _unfinished(as_of)
    if night is None:
        return keys.AGGREGATE_SHARDS
    drawn = {one.name: _draw(as_of, one) for one in night.undrawn}
    members = sum(_kept(as_of, shards, MEMBERS) for shards in PARTS)
    wanted = night.page_shards or nights.page_shards(members)
    page_shards = max(wanted, keys.AGGREGATE_SHARDS)
    publish(night, drawn, page_shards)
    return page_shards


def label_part(as_of: date, shards: range, page_shards: int) -> None:
    """Label the members of some shards and keep their reports.

    A note says that it was begun before: then there may be pages of members who stand where they
    stood by now.
    """
    night = _unfinished(as_of)
    _check(shards)
    if night is None:
        return
    if night.undrawn:
        raise ContentionError("a scheme has no lines yet")
    columns = rows.read_shards(shards, as_of, night.windows)
    told: list[int] = []
    if LABELS in parts.names(as_of, shards):
        told = [one for one in range(page_shards) if one % keys.AGGREGATE_SHARDS in shards]
    parts.create(as_of, shards, LABELS, page_shards)
    for report in label_members(columns, night, night.lines, page_shards, told):
        parts.put(as_of, shards, _report_of(report.scheme), schemes.of_report(report))


def finish_parts(as_of: date) -> list[Report]:
    """Add up the reports, which ends the night; returns them, none where it was overtaken."""
    done = reports_of(as_of)
    if done is not None:
        return done
    return finish(as_of, [_merged(as_of, one) for one in begin(as_of).schemes])


def _unfinished(as_of: date) -> Night | None:
    return begin(as_of) if reports_of(as_of) is None else None


def _check(shards: range) -> None:
    if shards not in PARTS:
        raise LookupError(f"no part of a night has the shards {shards.start} to {shards.stop}")


def _draw(as_of: date, scheme: Scheme) -> CutPoints:
    """The lines over all parts. Each is read twice and let go: together they would fill the
    memory that the parts are there to save."""
    total = Tally()
    for counted, _ in _counts(as_of, scheme):
        total.add(counted)
    wanted = buckets_to_open(total, scheme)
    opened: Counter[int] = Counter()
    for _, sales in _counts(as_of, scheme):
        opened.update({value: sales[value] for value in values_in(sales, wanted)})
    return cut(total, opened, scheme, as_of)


def _merged(as_of: date, scheme: Scheme) -> Report:
    first, *others = (
        schemes.to_report(_kept(as_of, shards, _report_of(scheme.name))) for shards in PARTS
    )
    for other in others:
        first.merge(other)
    return first


def _counts(as_of: date, scheme: Scheme) -> Iterator[tuple[Tally, Counter[int]]]:
    for shards in PARTS:
        yield _to_counts(_kept(as_of, shards, _tally_of(scheme)))


def _kept(as_of: date, shards: range, name: str) -> Any:
    """Raises ContentionError where a part is missing: another version of a scheme counts since the
    night began, or it began days ago. Begun again, it makes what is missing."""
    body = parts.get(as_of, shards, name)
    if body is None:
        raise ContentionError(f"{name} of shard {shards.start} is missing: run the night again")
    return body


def _tally_of(scheme: Scheme) -> str:
    """A name that is another for another version."""
    return f"tally#{scheme.name}@{scheme.version}"


def _report_of(scheme: str) -> str:
    return f"report#{scheme}"


def _of_counts(counted: Tally, sales: Counter[int]) -> list[Any]:
    columns = (counted.last_days, counted.orders, counted.net_buckets, sales)
    return [counted.net_total, *map(_of_counter, columns)]


def _to_counts(body: list[Any]) -> tuple[Tally, Counter[int]]:
    last_days, orders, net_buckets, sales = map(_to_counter, body[1:])
    return Tally(last_days, orders, net_buckets, body[0]), sales


def _of_counter(counter: Counter[int]) -> list[list[int]]:
    """Values as differences, which are short, and their counts."""
    values = sorted(counter)
    return [list(map(sub, values, [0, *values])), [counter[value] for value in values]]


def _to_counter(body: list[list[int]]) -> Counter[int]:
    return Counter(dict(zip(accumulate(body[0]), body[1], strict=True)))
