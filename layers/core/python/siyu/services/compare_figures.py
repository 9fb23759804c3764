"""Where a member's aggregate is not what the facts behind it say."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from siyu.domain.label_book import EMPTY, LabelBook
from siyu.domain.published import Published, label_of
from siyu.storage.aggregates import Aggregate, row_of
from siyu.storage.behind_figures import Stored

LABEL, UNREADABLE = "label", "unreadable label"
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """What of a member's aggregate is not what the facts say: `z`, `b`, `up`, `gone` or `out`;
    `label` for the labels of who has to have none, `unreadable label` for what is no labels, and
    `label <scheme>` for one of them; `aggregate` where there is none, or nobody behind it."""

    member_id: str
    name: str
    stored: str
    computed: str


def differences(
    member_id: str, stored: Stored | None, computed: Aggregate | None
) -> Iterator[Difference]:
    """All that differ; labels are compared as of what `computed` has as published."""
    if stored is None or computed is None:
        there, wanted = ("there" if one else NOTHING for one in (stored, computed))
        yield Difference(member_id, "aggregate", there, wanted)
        return
    for name, stands, should in (
        ("z", stored.z, row_of(computed, stored.version)),
        ("b", stored.b.hex(), computed.figures.pack().hex()),
        ("up", stored.up or NOTHING, computed.up or NOTHING),
        ("gone", str(stored.gone), str(computed.gone)),
        ("out", str(stored.out), str(computed.out)),
    ):
        if stands != should:
            yield Difference(member_id, name, stands, should)
    yield from _labels(stored, computed)


def book_of(stored: Stored) -> LabelBook | None:
    """The labels as stored, or None where they cannot be read."""
    try:
        return LabelBook.unpack(stored.lb)
    except ValueError:
        return None


def _labels(stored: Stored, computed: Aggregate) -> Iterator[Difference]:
    book, published = book_of(stored), computed.published
    if book is None:
        yield Difference(stored.member_id, UNREADABLE, stored.lb, EMPTY)
    elif not computed.counted:
        if book.entries:
            yield Difference(stored.member_id, LABEL, stored.lb, EMPTY)
    elif published is not None:
        inside = {one.name for one, _ in published.schemes if one.covers(computed.store)}
        yield from _of_others(stored.member_id, book, inside)
        just_joined = computed.joined_day >= published.night.toordinal()
        for scheme, cuts in published.schemes:
            code = book.code(scheme.name)
            if scheme.name not in inside or (code is None and just_joined):
                continue
            codes = [
                label_of(computed.figures, computed.joined_day, (scheme, cuts), day).code
                for day in _days(computed, published)
            ]
            if code not in codes:
                name = f"{LABEL} {scheme.name}"
                yield Difference(stored.member_id, name, code or NOTHING, codes[-1])


def _of_others(member_id: str, book: LabelBook, inside: Collection[str]) -> Iterator[Difference]:
    """Labels at schemes that do not have the member."""
    for name, entry in sorted(book.entries.items()):
        if name not in inside:
            yield Difference(member_id, f"{LABEL} {name}", entry.code, NOTHING)


def _days(computed: Aggregate, published: Published) -> list[date]:
    """As of which days a label may stand. The night labels as of itself, orders as of their own
    day where that is later, and either may have come last."""
    return sorted({published.night, published.as_of(computed.figures)})
