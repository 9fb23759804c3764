"""Which of some transfers make up a sum? With amounts from 48 bits there is one answer at most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Vector = tuple[int, ...]
Chosen = frozenset[int]
MOST = 26
"""Candidates; 2^13 sums on either side."""


class TooManyError(Exception):
    """More candidates than can be tried."""


def plus(one: Vector, other: Vector, sign: int = 1) -> Vector:
    return tuple(a + sign * b for a, b in zip(one, other, strict=True))


def explain(wanted: Vector, moves: Mapping[int, Vector]) -> list[Chosen]:
    """The sets of transfers that sum up to `wanted`, two at most: two say that nobody can tell.

    Raises TooManyError.
    """
    if len(moves) > MOST:
        raise TooManyError(f"{len(moves)} transfers may or may not have been seen")
    names = sorted(moves)
    middle = len(names) // 2
    known: dict[Vector, list[Chosen]] = {}
    for chosen, total in _sums(names[:middle], moves, len(wanted)):
        known.setdefault(total, []).append(chosen)
    found: list[Chosen] = []
    for chosen, total in _sums(names[middle:], moves, len(wanted)):
        for other in known.get(plus(wanted, total, -1), ()):
            found.append(chosen | other)
            if len(found) == 2:
                return found
    return found


def _sums(
    names: Sequence[int], moves: Mapping[int, Vector], width: int
) -> Iterator[tuple[Chosen, Vector]]:
    """Every subset with its sum."""
    sums: list[tuple[Chosen, Vector]] = [(frozenset(), (0,) * width)]
    for name in names:
        sums += [(chosen | {name}, plus(total, moves[name])) for chosen, total in sums]
    yield from sums
