"""What a run tells: the table, and the targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from statistics import median

from infra.coldstart.programs import BARE
from infra.coldstart.sample import Sample

# Their callers wait, and hang up after five seconds: nothing is loaded that they do not use.
RECEIVERS = ("order_webhook", "contact_callback")
# They run by the clock: nobody waits for their first invocation.
SCHEDULED = ("order_reconcile", "referral_release", "segment_nightly", "segment_part")
RECEIVER_TIMES, OTHER_TIMES = 6.5, 9.0
FIRST_MS = 20.0
FULL_ROUNDS = 15
# Medians of few rounds on a shared machine stray.
LOOSE = 1.25
FIGURES = ("init_cpu", "init_wall", "first_cpu", "first_wall", "second_cpu", "second_wall", "rss")
HEADS = ("INIT cpu", "wall", "1st cpu", "wall", "2nd cpu", "wall", "MB", "x bare")

Samples = Mapping[str, Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that must not be above its limit."""

    function: str
    what: str
    value: float
    limit: float

    @property
    def met(self) -> bool:
        return self.value <= self.limit


def middle(samples: Sequence[Sample], figure: str) -> float:
    return float(median(map(attrgetter(figure), samples)))


def times_bare(samples: Samples, function: str) -> float:
    """How much more of a processor it takes to start than a handler that does nothing."""
    return middle(samples[function], "init_cpu") / middle(samples[BARE], "init_cpu")


def targets(samples: Samples) -> list[Target]:
    """What has to hold, of all but the bare handler."""
    slack = 1.0 if len(samples[BARE]) >= FULL_ROUNDS else LOOSE
    found = []
    for name, own in samples.items():
        if name == BARE:
            continue
        limit = RECEIVER_TIMES if name in RECEIVERS else OTHER_TIMES
        found.append(Target(name, "INIT, x bare", times_bare(samples, name), limit * slack))
        if name in SCHEDULED:
            continue
        first, second = middle(own, "first_cpu"), middle(own, "second_cpu")
        # What is much work each time may be as much more than that.
        most = FIRST_MS + (second if second > FIRST_MS else 0)
        found.append(Target(name, "first invocation, cpu ms", first, most * slack))
    return found


def text(samples: Samples) -> Iterator[str]:
    """The table: medians in milliseconds."""
    rounds = len(samples[BARE])
    yield f"medians of {rounds} cold starts each, ms" + (
        "" if rounds >= FULL_ROUNDS else f"; few rounds, so limits are {LOOSE:g} times as wide"
    )
    yield f"{'':20}" + "".join(f"{head:>9}" for head in HEADS)
    for name in sorted(samples, key=lambda one: times_bare(samples, one)):
        cells = "".join(f"{middle(samples[name], figure):9.1f}" for figure in FIGURES)
        yield f"{name:20}{cells}{times_bare(samples, name):9.1f}"
    for target in targets(samples):
        if not target.met:
            yield (
                f"MISSED {target.function}: {target.what} is {target.value:.1f},"
                f" allowed {target.limit:.1f}"
            )
