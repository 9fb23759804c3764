"""How many members moved from where to where between two nights of a scheme.

Between two nights that follow each other the later one's report says it. Over a longer span it is
folded from the pages of who changed: where a member stood before the first change, and stands
after the last. Who came back to where they stood has not moved.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from siyu.domain.label_book import NOWHERE
from siyu.domain.night_report import UNSCORED, Report
from siyu.domain.segments import Label
from siyu.errors import NotFoundError, SpanRefusedError
from siyu.services.publish_scheme import check_scheme
from siyu.services.show_segments import check_span
from siyu.storage import nights

JOINED = "joined"
MAX_CHANGES = 300_000
MAX_PAGES = 20_000


@dataclass(frozen=True, slots=True)
class PartFlow:
    """One part at both nights: `after` is `before` less those who moved `out` to other parts, plus
    those who moved `into` it from others or joined, less `gone`.

    `gone` are those whom the later night does not count any more: erased, merged into another
    account, opted out, or of a store that left the scheme. It is the rest of the sum; orders that
    come in while a night runs may shift it by a member, and those who were counted again without a
    change of their label make it less.
    """

    before: int
    out: int
    into: int
    after: int

    @property
    def gone(self) -> int:
        return self.before - self.out + self.into - self.after


@dataclass(frozen=True, slots=True)
class Flows:
    """What moved from the night `first` to the night `last`: members by where they stood and stand
    (`joined` for who was not counted before), and each part's sum."""

    scheme: str
    first: date
    last: date
    by: str
    moved: Mapping[tuple[str, str], int]
    parts: Mapping[str, PartFlow]


def segment_flows(scheme: str, first: date, last: date, by: str, *, bounded: bool = True) -> Flows:
    """One query, and for nights that do not follow each other the pages of all after the first.

    Raises NotFoundError where one of them is no night of the scheme, and SpanRefusedError for
    nights the wrong way round, for pages that are kept no more and, if `bounded`, for more changes
    than a request has time for.
    """
    check_span(first, last)
    if first == last:
        raise SpanRefusedError("span_is_empty", "a night is no span")
    found = list(nights.reports(scheme, first, last))
    if not found or (found[0].as_of, found[-1].as_of) != (first, last):
        check_scheme(scheme)
        raise NotFoundError("no such night")
    opening, *others = found
    moves = Counter(others[0].flows) if len(others) == 1 else _folded(scheme, others, bounded)
    moved = _by_part(moves, by)
    return Flows(scheme, first, last, by, moved, _parts(opening, others[-1], by, moved))


def _folded(scheme: str, others: Sequence[Report], bounded: bool) -> Counter[str]:
    changes = sum(sum(one.flows.values()) for one in others)
    pages = sum(one.page_shards for one in others)
    if bounded and (changes > MAX_CHANGES or pages > MAX_PAGES):
        raise SpanRefusedError(
            "span_too_long", "too many changes for a request: `siyu segments flows` takes them all"
        )
    begun: dict[str, str] = {}
    stands: dict[str, str] = {}
    for report in others:
        changed = list(nights.pages(scheme, report.as_of, report.page_shards))
        if len(changed) < sum(report.flows.values()):
            raise SpanRefusedError(
                "no_longer_kept", f"who changed at {report.as_of} is no longer kept"
            )
        for change in changed:
            begun.setdefault(change.member_id, change.entry.before)
            stands[change.member_id] = change.entry.code
    return Counter(f"{begun[one]}>{code}" for one, code in stands.items())


def _by_part(moves: Mapping[str, int], by: str) -> dict[tuple[str, str], int]:
    """Moves between parts; a label may change and the part stay."""
    moved: Counter[tuple[str, str]] = Counter()
    for move, count in moves.items():
        before, _, after = move.partition(">")
        pair = (_part_of(before, by), _part_of(after, by))
        if pair[0] != pair[1]:
            moved[pair] += count
    return dict(sorted(moved.items()))


def _part_of(code: str, by: str) -> str:
    if code == NOWHERE:
        return JOINED
    label = Label.of_code(code)
    return {"stage": label.stage, "group": label.group or UNSCORED, "aipl": label.aipl}[by]


def _parts(
    opening: Report, closing: Report, by: str, moved: Mapping[tuple[str, str], int]
) -> dict[str, PartFlow]:
    sizes, grown = opening.parts(by), closing.parts(by)
    out, into = Counter[str](), Counter[str]()
    for (before, after), count in moved.items():
        out[before] += count
        into[after] += count
    return {
        name: PartFlow(sizes[name].members, out[name], into[name], grown[name].members)
        for name in _names(sizes, grown)
    }


def _names(*sizes: Iterable[str]) -> list[str]:
    """In the order of the report."""
    return list(dict.fromkeys(name for one in sizes for name in one))
