"""The labels on a member, one per scheme, and what they were at the night before.

`default=h1L,739581,g1P,o` says: at this scheme the member is `h1L`, since the night of day number
739581, after `g1P` at the night before, by an order (`o`) or by the night itself (`n`). So a night
finds on the member alone what changed since the one before, and writes nothing to keep it.

An order never knows whether a night that has begun looked at its member already. So of a label that
stood differently at the night before that one, it keeps this too, as a fifth part: should the night
run on, or again, it still finds where the member came from.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Self

NOWHERE = "---"
EMPTY = "-"
BY_ORDER, BY_NIGHT = "o", "n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One label: its code, the night (a day number) since which it stands, the code at the night
    before, and by what it changed. Of an order's, `before` is the code at that night itself, and
    `earlier` the one at the night before it, if that was another."""

    code: str
    since: int
    before: str
    cause: str
    earlier: str = ""

    def stood_at(self, night: int) -> str:
        """The code at a night that was not more than one before the last that has begun."""
        if self.since > night:
            return self.earlier or self.before
        return self.before if self.by_order_since(night) else self.code

    def changed_after(self, night: int, last_night: int) -> bool:
        """Whether it is a change from `last_night` to `night`."""
        fresh = self.since >= night or self.by_order_since(last_night)
        return fresh and self.stood_at(last_night) != self.code

    def by_order_since(self, night: int) -> bool:
        """Whether an order changed it after a night had begun."""
        return self.cause == BY_ORDER and self.since >= night


@dataclass(frozen=True, slots=True)
class LabelBook:
    """The labels of a member by scheme."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def code(self, scheme: str) -> str | None:
        """The label at a scheme, or None."""
        entry = self.entries.get(scheme)
        return entry.code if entry else None

    def settled(self, scheme: str, night: int) -> str | None:
        """The label at a scheme, unless an order gave it since a night began: that night has to
        make it its own, or the next one would take it for a change of its day."""
        entry = self.entries.get(scheme)
        return entry.code if entry and not entry.by_order_since(night) else None

    def relabelled(self, scheme: str, code: str, since: int, last_night: int, cause: str) -> Self:
        """The book with another label at a scheme; the same book if it is the one that stands.

        What an order changed since the last night, and is changed again, changed from what stood
        at that night. `last_night` is the one before the night `since`.
        """
        known = self.entries.get(scheme)
        stands = self.settled(scheme, since) if cause == BY_NIGHT else self.code(scheme)
        if stands == code:
            return self
        if known is None:
            entry = Entry(code, since, NOWHERE, cause)
        else:
            entry = _next(known, code, since, last_night, cause)
        return type(self)({**self.entries, scheme: entry})

    def kept(self, schemes: Collection[str]) -> Self:
        """The book with the labels at some schemes alone; the same book if it has no others."""
        if self.entries.keys() <= set(schemes):
            return self
        return type(self)({name: one for name, one in self.entries.items() if name in schemes})

    def pack(self) -> str:
        """As text: equal books give equal text."""
        return (
            ";".join(
                f"{name}={one.code},{one.since},{one.before},{one.cause}"
                + (f",{one.earlier}" if one.earlier else "")
                for name, one in sorted(self.entries.items())
            )
            or EMPTY
        )

    @classmethod
    def unpack(cls, packed: str) -> Self:
        """The reverse of `pack`. Raises ValueError when it is none."""
        if packed == EMPTY:
            return cls()
        entries = {}
        for part in packed.split(";"):
            name, _, fields = part.partition("=")
            code, since, before, cause, *earlier = fields.split(",", 4)
            entries[name] = Entry(code, int(since), before, cause, *earlier)
        return cls(entries)


def _next(known: Entry, code: str, since: int, last_night: int, cause: str) -> Entry:
    if cause == BY_NIGHT:
        return Entry(code, since, known.stood_at(last_night), cause)
    if known.by_order_since(since):
        return Entry(code, since, known.before, cause, known.earlier)
    stood = known.stood_at(last_night)
    return Entry(code, since, known.code, cause, "" if stood == known.code else stood)
