"""What a part of the members tells of all of them, in integers.

Shards are hashes of member ids: of 64 shards, read n, and each member is in the sample with
probability p = n / 64, whoever else is. Members found, k, are binomial: the total T is about k / p,
and the interval are all T that k does not speak against (Wilson's, which holds for small k too):

    |k - T p| <= z sqrt(T p (1 - p)),  z = 1.96

Sums weigh each member (Horvitz and Thompson 1952, Poisson sampling): the total is about S / p, with
the variance (1 - p) / p^2 times the sum of squares.
"""

from dataclasses import dataclass
from math import isqrt

# z of 95 per cent, in hundredths.
Z = 196
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and the interval that holds the true one 95 times of 100."""

    value: int
    low: int
    high: int


def members(found: int, read: int, of: int) -> Estimate:
    """How many there are, if so many were found in some shards of all."""
    unread = of - read
    # T = (2 k + z^2 q ± z sqrt(4 k q + z^2 q^2)) / 2 p, times 2 n and the hundredths of z twice.
    middle = 2 * HUNDRED**2 * found * of + Z**2 * unread
    root = 4 * HUNDRED**2 * found * unread * of + (Z * unread) ** 2
    spread = Z * _root_up(root)
    scale = 2 * HUNDRED**2 * read
    low, high = (middle - spread) // scale, -(-(middle + spread) // scale)
    return Estimate(found * of // read, max(low, found), high)


def total(sum_: int, squares: int, read: int, of: int) -> Estimate:
    """How much it is in all: the sum of what was found, and the sum of its squares."""
    value = sum_ * of // read
    # z sqrt((1 - p) squares) / p
    spread = -(-Z * _root_up((of - read) * of * squares) // (HUNDRED * read))
    return Estimate(value, value - spread, value + spread)


def _root_up(value: int) -> int:
    """The square root, rounded up."""
    return isqrt(value - 1) + 1 if value > 0 else 0
