"""Look through members for those whom an operator asks for."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from siyu.domain.asked_audience import Basis
from siyu.domain.audience import Members, Query, find
from siyu.domain.published import Published
from siyu.errors import AudienceRefusedError
from siyu.services.place_members import place_by
from siyu.storage import keys, nights
from siyu.storage.columns import Columns
from siyu.storage.rows import read_shards

SHARDS = range(keys.AGGREGATE_SHARDS)
# Queries wait for the network most of the time, and so many wait together.
AT_ONCE = 4


def basis_of(scheme: str) -> Basis:
    """The lines of the last night, as of which members are looked at. Raises
    AudienceRefusedError."""
    return basis_in(nights.last_published(), scheme)


def basis_in(published: Published | None, scheme: str) -> Basis:
    """The same, where it is known what the last night published.

    Raises AudienceRefusedError when no night has published the scheme.
    """
    basis = Basis.of(published, scheme)
    if basis is None:
        raise AudienceRefusedError("scheme_not_published", f"no night has published {scheme}")
    return basis


def read_each(
    shards: Sequence[int], basis: Basis, time_is_up: Callable[[], bool] = lambda: False
) -> Iterator[Columns]:
    """The members of each shard, eventually consistent, a few shards read at a time; no further
    ones, though some at least, once time is up."""
    windows = {None, basis.scheme.window_days}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for begin in range(0, len(shards), AT_ONCE):
            if begin and time_is_up():
                return
            wave = shards[begin : begin + AT_ONCE]
            yield from pool.map(lambda one: read_shards([one], basis.as_of, windows), wave)


def members_of(columns: Columns, basis: Basis) -> Members:
    """Members with their place in a scheme, those outside of it left out."""
    scheme = basis.scheme
    placed = place_by(columns, scheme, basis.cuts, basis.as_of)
    orders, net = columns.windows[scheme.window_days]
    ever, _ = columns.windows[None]
    pairs = zip(placed.places, placed.numbers, strict=True)
    of_place = dict(pairs) if scheme.stores else placed.numbers
    return Members(
        placed.places,
        of_place.__getitem__,
        placed.placing,
        columns.last_days,
        orders,
        net,
        ever,
        columns.joined_days,
        columns.stores,
        basis.as_of,
    )


def look(columns: Columns, query: Query, basis: Basis) -> tuple[Members, Sequence[int]]:
    """Members, and the places of those asked for."""
    members = members_of(columns, basis)
    return members, find(query, members)
