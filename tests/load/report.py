"""What a run printed: routes, backlog, totals. Times are shown and never judged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.load.offices import BARE

Span = tuple[float, float]
ROWS = 12


@dataclass
class Route:
    """The answers of one route; times in seconds. `away` and `slowest` are those of the outage."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    errors: Counter[int] = field(default_factory=Counter)
    away: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0

    def quantile(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True)
class Sample:
    """One request: which operation, when it began (Unix seconds), how long, and the status."""

    operation: str
    began: float
    took: float
    status: int

    def met(self, outage: Span) -> bool:
        return self.began < outage[1] and self.began + self.took > outage[0]


def routes(
    samples: Iterable[Sample], documented: Mapping[str, set[int]], outage: Span
) -> dict[str, Route]:
    """By operation. While the engine is away a 5xx is what one expects; any other is an error, and
    so is a status that the document does not list."""
    found: defaultdict[str, Route] = defaultdict(Route)
    for one in samples:
        route = found[one.operation]
        route.times.append(one.took)
        route.statuses[one.status] += 1
        silent = one.status == 0 or one.status >= 500
        if silent and one.met(outage):
            route.away[one.status] += 1
            route.slowest = max(route.slowest, one.took)
        elif silent or one.status not in documented.get(one.operation, {200}):
            route.errors[one.status] += 1
    return dict(sorted(found.items()))


def lines(found: Mapping[str, Route]) -> Iterator[str]:
    """The table; ratios are to the bare route of the same run."""
    bare = found.get(f"GET {BARE}", Route([0.001]))
    base = {share: bare.quantile(share) for share in (0.5, 0.99)}
    yield f"{'route':<46} {'requests':>8} {'errors':>6} {'away':>5}" + "".join(
        f" {title:>8}" for title in ("p50 ms", "p99 ms", "p50/bare", "p99/bare")
    )
    for name, route in found.items():
        times = {share: route.quantile(share) for share in base}
        shown = [time * 1_000 for time in times.values()]
        shown += [times[share] / bare_time for share, bare_time in base.items()]
        counts = (len(route.times), route.errors.total(), route.away.total())
        yield f"{name:<46} {counts[0]:>8} {counts[1]:>6} {counts[2]:>5}" + "".join(
            f" {figure:>8.1f}" for figure in shown
        )


def faults(found: Mapping[str, Route]) -> list[str]:
    return [
        f"{name}: {count} answers of {status}"
        for name, route in found.items()
        for status, count in route.errors.items()
    ]


def backlog(seen: list[tuple[float, dict[str, int]]]) -> Iterator[str]:
    """The largest of each stretch of the run."""
    if not seen:
        return
    names = list(seen[0][1])
    yield f"{'backlog until':<14}" + "".join(f"{name:>16}" for name in names)
    step = max(1, len(seen) // ROWS)
    for start in range(0, len(seen), step):
        some = seen[start : start + step]
        most = {name: max(one[name] for _, one in some) for name in names}
        yield f"{some[-1][0]:>11.0f} s " + "".join(f"{most[name]:>16,}" for name in names)


def away(found: Mapping[str, Route]) -> str:
    """What was answered while the engine was away, 0 for no answer at all."""
    total = sum((route.away for route in found.values()), Counter[int]())
    said = ", ".join(f"{count} times {status}" for status, count in sorted(total.items()))
    slowest = max((route.slowest for route in found.values()), default=0.0)
    return f"{said}, the slowest after {slowest:.1f} s" if said else "none"


def samples_of(written: Iterable[list[Any]], operation: Any) -> Iterator[Sample]:
    """`operation` names a request by method and path, or says None for what is ours alone."""
    for method, path, began, took, status in written:
        yield Sample(operation(method, path) or f"{method} {path}", began, took, status)
