"""How many members an operator would get, within the time of a request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import nsmallest

from siyu.domain import estimate
from siyu.domain.asked_audience import Basis
from siyu.domain.audience import Query
from siyu.domain.estimate import Estimate
from siyu.domain.published import Published
from siyu.services.read_audience import SHARDS, basis_in, look, read_each
from siyu.storage import nights
from siyu.storage.columns import Columns

# What is read in one request: some 250 bytes a member.
MOST_MEMBERS = 1_000_000
SAMPLE = 10


@dataclass
class Preview:
    """What was found: exact when all shards were read; net sales (minor units) are those of the
    scheme's window. `sample` are the first members by id."""

    basis: Basis
    shards_read: int = 0
    members: int = 0
    net_minor: int = 0
    squares: int = 0
    sample: list[str] = field(default_factory=list)

    @property
    def of_shards(self) -> int:
        return len(SHARDS)

    @property
    def exact(self) -> bool:
        return self.shards_read == len(SHARDS)

    @property
    def all_members(self) -> Estimate:
        """How many there are in all shards."""
        return estimate.members(self.members, self.shards_read, len(SHARDS))

    @property
    def all_net_minor(self) -> Estimate:
        """Their net sales."""
        return estimate.total(self.net_minor, self.squares, self.shards_read, len(SHARDS))


def preview(query: Query, time_is_up: Callable[[], bool]) -> Preview:
    """Look at so many members as a request has time for. Shards are hashes of member ids, so any
    of them are a random sample. Raises AudienceRefusedError."""
    published = nights.last_published()
    found = Preview(basis_in(published, query.scheme))
    for columns in read_each(SHARDS[: _shards_to_read(published)], found.basis, time_is_up):
        _count(found, columns, query)
    return found


def _count(found: Preview, columns: Columns, query: Query) -> None:
    members, places = look(columns, query, found.basis)
    net = [members.net_minor[at] for at in places]
    found.shards_read += 1
    found.members += len(places)
    found.net_minor += sum(net)
    found.squares += sum(minor * minor for minor in net)
    ids = nsmallest(SAMPLE, map(columns.member_ids.__getitem__, places))
    found.sample = sorted([*found.sample, *ids])[:SAMPLE]


def _shards_to_read(last: Published | None) -> int:
    """All of them, unless the last report says that there are too many members."""
    names = [scheme.name for scheme, _ in last.schemes] if last else []
    reports = nights.runs(last.night, names) if last else {}
    if last and last.before and not reports:
        # A night that has only published its lines yet.
        reports = nights.runs(last.before, names)
    most = max((report.members for report in reports.values()), default=0)
    return max(min(len(SHARDS), len(SHARDS) * MOST_MEMBERS // max(most, 1)), 1)
