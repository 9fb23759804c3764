"""The report of one night of one scheme: how large each part is, and who moved from where to where.

Parts hold members and their net sales in the scheme's window, in minor units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from siyu.domain.segments import AIPL, GROUPS, STAGES, Label

UNSCORED = "unscored"
# Stands for the schemes of a night in which none is in force: its report says that it is over.
NO_SCHEME = "-"


@dataclass
class Part:
    """Some members and their net sales."""

    members: int = 0
    net_minor: int = 0

    def add(self, members: int, net_minor: int) -> None:
        self.members += members
        self.net_minor += net_minor


def _parts(names: tuple[str, ...]) -> dict[str, Part]:
    return {name: Part() for name in names}


@dataclass
class Report:
    """One night. `read` are all who were looked at, `members` those of the scheme, `population` the
    members who bought in the window; `changed` the labels that the night wrote; `flows` counts
    members by label at the night before and now, those alone who moved (`<code>><code>`); `scores`
    are the parts by `<R><F>` of those who are scored."""

    scheme: str
    version: int
    as_of: date
    page_shards: int = 1
    members: int = 0
    population: int = 0
    changed: int = 0
    groups: dict[str, Part] = field(default_factory=lambda: _parts((*GROUPS.values(), UNSCORED)))
    stages: dict[str, Part] = field(default_factory=lambda: _parts(STAGES))
    aipl: dict[str, Part] = field(default_factory=lambda: _parts(AIPL))
    scores: dict[str, Part] = field(default_factory=dict)
    flows: dict[str, int] = field(default_factory=dict)
    read: int = 0

    def count(self, label: Label, members: int, net_minor: int) -> None:
        """Count members of one label."""
        self.members += members
        self.groups[label.group or UNSCORED].add(members, net_minor)
        self.stages[label.stage].add(members, net_minor)
        self.aipl[label.aipl].add(members, net_minor)
        if label.scores is not None:
            cell = f"{label.scores[0]}{label.scores[1]}"
            self.scores.setdefault(cell, Part()).add(members, net_minor)

    def moved(self, before: str, after: str) -> None:
        """Count a member whose label changed since the night before."""
        flow = f"{before}>{after}"
        self.flows[flow] = self.flows.get(flow, 0) + 1

    def merge(self, other: "Report") -> None:
        """Add the report of other members on the same night."""
        self.read += other.read
        self.members += other.members
        self.population += other.population
        self.changed += other.changed
        for name in ("groups", "stages", "aipl", "scores"):
            mine = getattr(self, name)
            for key, part in getattr(other, name).items():
                mine.setdefault(key, Part()).add(part.members, part.net_minor)
        for flow, count in other.flows.items():
            self.flows[flow] = self.flows.get(flow, 0) + count

    def parts(self, by: str) -> Mapping[str, Part]:
        """The parts by `stage`, `group` or `aipl`."""
        return {"stage": self.stages, "group": self.groups, "aipl": self.aipl}[by]
