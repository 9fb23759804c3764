"""Many things to do in one night, of which one must not keep the others from their turn."""

from collections.abc import Callable, Iterable

from siyu.errors import ContentionError


def each(tasks: Iterable[Callable[[], int]]) -> int:
    """Do all; the sum of what they return. Raises ContentionError, when all had their turn, if some
    of them did: whoever runs the night runs it again."""
    done, restless = 0, 0
    for task in tasks:
        try:
            done += task()
        except ContentionError:
            restless += 1
    if restless:
        raise ContentionError(f"{restless} of the night's tasks did not come to rest")
    return done
