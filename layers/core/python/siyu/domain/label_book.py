"""The labels on a member, one per scheme, and what they were at the night before.

`default=h1L,739581,g1P,o` says: at this scheme the member is `h1L`, since the night of day number
739581, after `g1P` at the night before, by an order (`o`) or by the night itself (`n`). So a night
finds on the member alone what changed since the one before, and writes nothing to keep it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

NOWHERE = "---"
EMPTY = "-"
BY_ORDER, BY_NIGHT = "o", "n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One label: its code, the night (a day number) since which it stands, the code at the night
    before, and by what it changed."""

    code: str
    since: int
    before: str
    cause: str

    def changed_after(self, night: int, last_night: int) -> bool:
        """Whether it is a change from `last_night` to `night`."""
        fresh = self.since >= night or (self.cause == BY_ORDER and self.since >= last_night)
        return fresh and self.before != self.code


@dataclass(frozen=True, slots=True)
class LabelBook:
    """The labels of a member by scheme."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def code(self, scheme: str) -> str | None:
        """The label at a scheme, or None."""
        entry = self.entries.get(scheme)
        return entry.code if entry else None

    def relabelled(self, scheme: str, code: str, since: int, last_night: int, cause: str) -> Self:
        """The book with another label at a scheme; the same book if it is the one that stands.

        What an order changed since the last night, and is changed again, changed from what stood
        at that night.
        """
        known = self.entries.get(scheme)
        if known is not None and known.code == code:
            return self
        before = known.code if known else NOWHERE
        if known is not None and known.cause == BY_ORDER and known.since >= last_night:
            before = known.before
        return type(self)({**self.entries, scheme: Entry(code, since, before, cause)})

    def pack(self) -> str:
        """As text: equal books give equal text."""
        return (
            ";".join(
                f"{name}={one.code},{one.since},{one.before},{one.cause}"
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
            code, since, before, cause = fields.split(",")
            entries[name] = Entry(code, int(since), before, cause)
        return cls(entries)
