"""Why a member stands where they stand at a scheme, and where they stood before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

from siyu.domain.cut_points import CutPoints
from siyu.domain.label_book import Entry
from siyu.domain.published import Published, measure_of
from siyu.domain.schemes import Scheme
from siyu.domain.segment_reasons import Reason, reasons
from siyu.domain.segments import Label, Measure, place
from siyu.errors import NotFoundError
from siyu.services.publish_scheme import check_scheme
from siyu.storage import figures, nights
from siyu.storage.aggregates import Aggregate
from siyu.storage.label_page import Change

REFUSED, NO_NIGHT = "profiling_refused", "no_night_yet"
# What is longer is nobody, and no key of the table.
MAX_ID_CHARS = 64
NOT_IN_FORCE, OTHER_STORES = "not_in_force", "not_in_scheme"


@dataclass(frozen=True, slots=True)
class Placed:
    """A member's place as it follows from their figures, with every comparison behind it."""

    as_of: date
    scheme: Scheme
    cuts: CutPoints
    measure: Measure
    label: Label
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Past:
    """A change of a label, with the night that recorded it and the numbers of that night: days
    since the last purchase (None for none), orders and net sales (minor units) in the window."""

    night: date
    entry: Entry
    idle_days: int | None
    orders: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a scheme says and said of an account: the label that stands, and its changes over the
    last 13 months, the latest first."""

    account_id: str
    scheme: str
    stands: Entry | None
    past: Sequence[Past]


@dataclass(frozen=True, slots=True)
class Explained:
    """What there is to say of a person at a scheme; `none_because` says why there is no `placed`.
    `stored` is the label as it is kept; `history` has its changes, the latest first."""

    member_id: str
    scheme: str
    placed: Placed | None = None
    none_because: str | None = None
    stored: Entry | None = None
    history: Sequence[Past] = ()

    @property
    def refused(self) -> bool:
        """Whether the person refused to be profiled."""
        return self.none_because == REFUSED

    @property
    def pending(self) -> bool:
        """Whether the label as it is kept is not the one that follows from the figures: lines or
        days are ahead of it until the night, or the next order, writes it."""
        if self.placed is None:
            return False
        return self.stored is None or self.stored.code != self.placed.label.code


def explain_segment(member_id: str, scheme: str) -> Explained:
    """Of whichever account: of the person. One round trip, one more for each account up to the
    person's own, and a query for each number of parts that pages were ever cut into.

    Nothing is computed of who refused profiling. Raises NotFoundError for who never joined or was
    erased, and for a scheme that nobody published.
    """
    one = _own(member_id)
    top, published = one.member_id, one.published
    if one.out:
        check_scheme(scheme)
        return Explained(top, scheme, none_because=REFUSED)
    rules = _rules(published, scheme)
    if published is None or rules is None:
        check_scheme(scheme)
        return Explained(top, scheme, none_because=NOT_IN_FORCE if published else NO_NIGHT)
    if not rules[0].covers(one.store):
        return Explained(top, scheme, none_because=OTHER_STORES)
    stored = one.book.entries.get(scheme)
    past = history(scheme, top, published.night)
    placed = _placed(one, published.as_of(one.figures), *rules)
    return Explained(top, scheme, placed, None, stored, past)


def _own(member_id: str) -> Aggregate:
    """The figures of the person behind an account; an erasure marks them with the account. Raises
    NotFoundError."""
    known = figures.get_many({member_id}) if len(member_id) <= MAX_ID_CHARS else {}
    line = known.get(member_id, ())
    if not line or line[-1].gone:
        raise NotFoundError("no such member")
    return line[-1]


def history(scheme: str, member_id: str, by: date) -> list[Past]:
    """The changes of a member's label over the last 13 months up to a night, the latest first."""
    last = nights.last_report(scheme, by)
    if last is None:
        return []
    found = nights.history(scheme, member_id, last.page_shards)
    return [_past(*one) for one in sorted(found, key=itemgetter(0), reverse=True)]


def _past(night: date, change: Change) -> Past:
    idle_days = night.toordinal() - change.last_day if change.last_day else None
    return Past(night, change.entry, idle_days, change.orders, change.net_minor)


def _rules(published: Published | None, name: str) -> tuple[Scheme, CutPoints] | None:
    pairs = published.schemes if published else ()
    return next((pair for pair in pairs if pair[0].name == name), None)


def _placed(one: Aggregate, as_of: date, scheme: Scheme, cuts: CutPoints) -> Placed:
    measure = measure_of(one.figures, one.joined_day, scheme, as_of)
    label = place(measure, scheme, cuts, as_of)
    return Placed(as_of, scheme, cuts, measure, label, reasons(measure, scheme, cuts, as_of))
