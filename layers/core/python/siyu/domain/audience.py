"""Audiences: which members an operator asks for (docs/audiences.md).

A query is one conjunction of conditions and, if it likes, up to five more of which one has to hold.
A condition is a set or an inclusive range. Members come by column, so each condition is asked of a
whole column at once, of those alone for whom all before it hold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from siyu.domain.night_report import UNSCORED
from siyu.domain.placing import Placing
from siyu.domain.segments import Label

MAX_ALTERNATIVES = 5
# Beyond every day, count and amount.
FAR = 1 << 63

Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """An inclusive range; None is no bound."""

    at_least: int | None = None
    at_most: int | None = None

    @property
    def bounds(self) -> Bounds:
        """Both ends as numbers."""
        return (
            -FAR if self.at_least is None else self.at_least,
            FAR if self.at_most is None else self.at_most,
        )

    def holds(self, value: int) -> bool:
        """Whether a value is in it."""
        low, high = self.bounds
        return low <= value <= high

    @classmethod
    def of_body(cls, body: Mapping[str, int]) -> "Span":
        """From `{"at_least": 1, "at_most": 5}`."""
        return cls(body.get("at_least"), body.get("at_most"))

    @classmethod
    def of_days(cls, body: Mapping[str, str]) -> "Span":
        """Day numbers from `{"since": "2027-01-01", "until": "2027-01-31"}`."""
        since, until = (
            date.fromisoformat(body[name]).toordinal() if body.get(name) else None
            for name in ("since", "until")
        )
        return cls(since, until)


@dataclass(frozen=True, slots=True)
class Conditions:
    """All of them have to hold; what is None is not asked.

    `recency_days` are days since the last purchase, and nobody without one has any; `frequency` are
    orders and `monetary_minor` net sales (minor units), both in the scheme's window; `joined_days`
    are days since the member joined, `joined` day numbers; `stores` those that brought a member.
    """

    stages: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    aipl: frozenset[str] | None = None
    stores: frozenset[str] | None = None
    r: Span | None = None
    f: Span | None = None
    m: Span | None = None
    recency_days: Span | None = None
    frequency: Span | None = None
    monetary_minor: Span | None = None
    orders_ever: Span | None = None
    joined_days: Span | None = None
    joined: Span | None = None

    @classmethod
    def of_body(cls, body: Mapping[str, Any]) -> "Conditions":
        """From the JSON of a query, which was checked before."""
        readers: Mapping[str, Callable[[Any], Any]] = {
            **dict.fromkeys(("stages", "groups", "aipl", "stores"), frozenset),
            "joined": Span.of_days,
        }
        names = (one.name for one in fields(cls) if body.get(one.name) is not None)
        return cls(**{name: readers.get(name, Span.of_body)(body[name]) for name in names})

    @property
    def about_labels(self) -> bool:
        """Whether any of them asks for a member's place in the scheme."""
        return any(
            one is not None for one in (self.stages, self.groups, self.aipl, self.r, self.f, self.m)
        )

    def fits(self, label: Label) -> bool:
        """Whether a place in the scheme is among those asked for."""
        named = (
            (self.stages, label.stage),
            (self.groups, label.group or UNSCORED),
            (self.aipl, label.aipl),
        )
        if any(names is not None and one not in names for names, one in named):
            return False
        scores = label.scores
        return all(
            span is None or (scores is not None and span.holds(scores[at]))
            for at, span in enumerate((self.r, self.f, self.m))
        )


@dataclass(frozen=True, slots=True)
class Query:
    """Whom an operator asks for, by one scheme; `alternatives` may be none."""

    scheme: str
    conditions: Conditions
    alternatives: tuple[Conditions, ...] = ()

    @classmethod
    def of_body(cls, body: Mapping[str, Any]) -> "Query":
        """From its JSON, which was checked before."""
        return cls(
            body["scheme"],
            Conditions.of_body(body),
            tuple(Conditions.of_body(one) for one in body.get("any_of") or ()),
        )


@dataclass(frozen=True, slots=True)
class Members:
    """Members by column. `places` are those of whom the scheme tells something; the number of a
    place in its columns is what `placing` stands for. Days are day numbers, 0 for none."""

    places: Sequence[int]
    number_of: Callable[[int], int]
    placing: Placing
    last_days: Sequence[int]
    orders: Sequence[int]
    net_minor: Sequence[int]
    orders_ever: Sequence[int]
    joined_days: Sequence[int]
    stores: Sequence[str]
    as_of: date

    def label(self, place: int) -> Label:
        """Where a member stands."""
        return self.placing.label(self.number_of(place))


def find(query: Query, members: Members) -> Sequence[int]:
    """The places of the members asked for, in their order."""
    found = _narrowed(query.conditions, members, members.places)
    if not query.alternatives:
        return found
    return sorted({at for one in query.alternatives for at in _narrowed(one, members, found)})


def _narrowed(conditions: Conditions, members: Members, places: Sequence[int]) -> Sequence[int]:
    """Those of some places for whom the conditions hold."""
    if conditions.about_labels:
        numbers = list(map(members.number_of, places))
        label = members.placing.label
        good = {number for number in set(numbers) if conditions.fits(label(number))}
        pairs = zip(places, numbers, strict=True)
        places = [at for at, number in pairs if number in good]
    if conditions.stores is not None:
        stores, wanted = members.stores, conditions.stores
        places = [at for at in places if stores[at] in wanted]
    for column, (low, high) in _ranges(conditions, members):
        places = [at for at in places if low <= column[at] <= high]
    return places


def _ranges(conditions: Conditions, members: Members) -> Iterator[tuple[Sequence[int], Bounds]]:
    """The columns that are asked for a range, with it."""
    today = members.as_of.toordinal()
    if conditions.recency_days is not None:
        least, most = conditions.recency_days.bounds
        # Day 0 stands for no purchase.
        yield members.last_days, (max(today - most, 1), today - least)
    if conditions.joined_days is not None:
        least, most = conditions.joined_days.bounds
        yield members.joined_days, (today - most, today - least)
    plain = (
        (conditions.joined, members.joined_days),
        (conditions.frequency, members.orders),
        (conditions.monetary_minor, members.net_minor),
        (conditions.orders_ever, members.orders_ever),
    )
    for span, column in plain:
        if span is not None:
            yield column, span.bounds
