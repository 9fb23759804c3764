"""What a stretch of work took, function by function, and what it comes to in priced quantities."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from infra.cost.count import Used
from infra.cost.estimate import gb_seconds

GB = 1_000_000_000
# Lambda writes what it did with each invocation: three lines of JSON, of about this size in all;
# and CloudWatch counts 26 bytes more for each line. Ours, of the documented examples.
# https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
PLATFORM_LINES, PLATFORM_BYTES = 3, 900
LINE_BYTES = 26
# A line of the access log as template.yaml formats it.
ACCESS_BYTES = 280
# Headers of an answer.
HEADER_BYTES = 400


@dataclass(slots=True)
class Work:
    """What one function did; `ms` are billed milliseconds by estimate."""

    memory_mb: int
    invocations: int = 0
    cpu: float = 0.0
    ms: int = 0
    log_bytes: int = 0
    log_lines: int = 0
    used: Used = field(default_factory=Used)


@dataclass(slots=True)
class Flow:
    """`count` things were done. `polled` are requests that Lambda makes of the queues for us."""

    count: int = 0
    works: dict[str, Work] = field(default_factory=dict)
    http: int = 0
    out_bytes: int = 0
    polled: int = 0
    stored: int = 0

    def only(self, *names: str) -> Flow:
        """The part of some functions alone, without what the gateway and the queues did."""
        kept = {name: work for name, work in self.works.items() if name in names}
        return Flow(self.count, kept, stored=self.stored)

    def units(self) -> tuple[Counter[str], Counter[str]]:
        """Units read and written, by table and index."""
        read: Counter[str] = Counter()
        write: Counter[str] = Counter()
        for work in self.works.values():
            read.update(work.used.read)
            write.update(work.used.write)
        return read, write

    def requests(self) -> Counter[str]:
        """Requests by service; the functions' own and those of Lambda's pollers."""
        total: Counter[str] = Counter()
        for work in self.works.values():
            total.update(work.used.requests)
        if self.polled:
            total["sqs"] += self.polled
        return total

    def log_gb(self) -> float:
        """Bytes that CloudWatch takes in, GB."""
        lines = sum(one.log_lines + PLATFORM_LINES * one.invocations for one in self._each())
        size = sum(one.log_bytes + PLATFORM_BYTES * one.invocations for one in self._each())
        access = self.http * (ACCESS_BYTES + LINE_BYTES)
        return (size + lines * LINE_BYTES + access) / GB

    def quantities(self) -> dict[str, float]:
        """What is paid for, by the names of the price file. Secrets are not in it: they are kept
        for minutes, so they cost by time and not by what is done."""
        read, write = self.units()
        asked = self.requests()
        return {
            "read_unit": sum(read.values()),
            "write_unit": sum(write.values()),
            "lambda_request": sum(one.invocations for one in self._each()),
            "lambda_arm_gb_second": sum(gb_seconds(one.ms, one.memory_mb) for one in self._each()),
            "http_api_request": self.http,
            "sqs_request": asked["sqs"],
            "log_gb": self.log_gb(),
            "data_out_gb": (self.out_bytes + HEADER_BYTES * self.http) / GB,
        }

    def per(self, number: int) -> dict[str, float]:
        """The quantities of so many."""
        return scaled(self.quantities(), number / self.count)

    def _each(self) -> Iterable[Work]:
        return self.works.values()


def scaled(quantities: Mapping[str, float], factor: float) -> dict[str, float]:
    """All of them, times a factor."""
    return {name: amount * factor for name, amount in quantities.items()}


def summed(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Added up, name by name."""
    total: defaultdict[str, float] = defaultdict(float)
    for part in parts:
        for name, amount in part.items():
            total[name] += amount
    return dict(total)
