"""What a run tells: the table, the targets, and which of them count at its size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from infra.bench import curve
from infra.bench.prices import Prices
from infra.bench.race import DUCKDB, OURS, POLARS, Found, Sample, median
from infra.bench.tables import Nights

MB = 1_000_000
# Below, what a process takes to start is most of what it takes.
FULL_EXPORT, FULL_TABLE = 1_000_000, 200_000


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that must not be above its limit; `loose` is that of smaller runs."""

    what: str
    value: float
    limit: float
    loose: float
    full: bool

    @property
    def bound(self) -> float:
        return self.limit if self.full else self.loose

    @property
    def met(self) -> bool:
        return self.value <= self.bound


@dataclass(frozen=True, slots=True)
class Race:
    """The contestants' runs over one export."""

    members: int
    samples: dict[str, list[Sample]]
    found: Found

    def lines(self) -> Iterator[str]:
        """As a table."""
        yield f"{self.members:,} members, {self.found.changed:,} change; one core, medians"
        heads = ("CPU s", "min", "max", "wall s", "MB", "x Siyu", "a CPU s")
        yield f"{'':18}" + "".join(f"{head:>9}" for head in heads)
        mine = median(self.samples[OURS])
        for name, samples in self.samples.items():
            one, cpu = median(samples), [sample.cpu for sample in samples]
            yield (
                f"{name:18}{one.cpu:9.2f}{min(cpu):9.2f}{max(cpu):9.2f}{one.wall:9.2f}"
                f"{one.rss / MB:9.0f}{one.cpu / mine.cpu:9.2f}{self.members / one.cpu:9,.0f}"
            )


@dataclass(frozen=True, slots=True)
class Result:
    """All that was measured; without a race where only units were asked for."""

    race: Race | None
    table_members: int
    ordered: float
    item_bytes: float
    nights: Nights

    def counted(self) -> curve.Counted:
        """What the curve is computed from, a member each."""
        ours, units, other = self.nights.ours, self.nights.counted, self.nights.boto3
        count = self.table_members
        return curve.Counted(
            read=units["read"] / count,
            write=units["write"] / count,
            cpu=ours["cpu"] / count,
            plain_read=other["read"] / count,
            scan_cpu=other["scan"] / count,
            update_cpu=(other["cpu"] - other["scan"]) / max(other["changed"], 1),
            changed=units["moved"] / count,
            ordered=self.ordered,
            item_bytes=self.item_bytes,
        )


def targets(result: Result, prices: Prices) -> list[Target]:
    """What has to hold."""
    one, million = result.counted(), 1_000_000
    dollars = curve.ours(one, prices, million)
    everybody = curve.update_all(one, prices, million)
    client = result.nights.ours["cpu"] / result.nights.boto3["cpu"]
    full = result.table_members >= FULL_TABLE
    return [
        *(_race_targets(result.race) if result.race else ()),
        Target("client CPU on a table, of boto3's", client, 1 / 20, 1 / 2, full),
        Target("dollars per million members and night", dollars, 0.010, inf, full),
        Target("dollars, of those of writing all", dollars / everybody, 1 / 60, inf, full),
    ]


def _race_targets(race: Race) -> Iterator[Target]:
    mine, duckdb, polars = (median(race.samples[name]) for name in (OURS, DUCKDB, POLARS))
    full = race.members >= FULL_EXPORT
    yield Target("CPU, of DuckDB's", mine.cpu / duckdb.cpu, 0.45, 2.0, full)
    yield Target("CPU, of Polars'", mine.cpu / polars.cpu, 0.45, 2.0, full)
    yield Target("memory, of DuckDB's", mine.rss / duckdb.rss, 1.0, 1.0, full)


def failures(result: Result) -> Iterator[str]:
    """What is wrong at any size."""
    nights = result.nights
    if nights.again["write"]:
        yield f"the same night once more wrote {nights.again['write']:g} units"
    if nights.counted["labels"] != nights.boto3["changed"]:
        yield f"{nights.counted['labels']:g} labels written, boto3 {nights.boto3['changed']}"


def text(result: Result, prices: Prices) -> Iterator[str]:
    """The report, line by line."""
    if result.race:
        yield from result.race.lines()
        yield ""
    yield f"{result.table_members:,} members on a table; read and written units, client's CPU"
    yield f"{'':18}{'CPU s':>8}{'us each':>9}{'RRU':>9}{'WRU':>9}{'labels':>8}{'moved':>8}"
    for name, night in rows_of(result.nights):
        yield (
            f"{name:18}{night['cpu']:8.2f}{night['cpu'] / result.table_members * 1e6:9.2f}"
            f"{night['read']:9,.1f}{night['write']:9,.0f}{night['labels']:8,.0f}"
            f"{night.get('moved', night['changed']):8,}"
        )
    yield ""
    yield from curve_lines(result.counted(), prices)
    yield ""
    for target in targets(result, prices):
        if target.bound == inf:
            yield f"{target.what:40}{target.value:9.4f}  not held at this size"
            continue
        kind = "" if target.full else ", loose at this size"
        verdict = "met" if target.met else "MISSED"
        yield f"{target.what:40}{target.value:9.4f}  at most {target.bound:.4f}{kind}: {verdict}"


def rows_of(nights: Nights) -> list[tuple[str, dict[str, float]]]:
    """The nights by name; the first has its time from a run without counting."""
    boto3 = {**nights.boto3, "labels": nights.boto3["write"]}
    return [
        ("Siyu", {**nights.counted, "cpu": nights.ours["cpu"]}),
        ("the same again", nights.again),
        ("the next night", nights.next),
        ("a line moved", nights.moved),
        ("boto3", boto3),
    ]


def curve_lines(one: curve.Counted, prices: Prices) -> Iterator[str]:
    """The cost curve."""
    yield f"US dollars a night, {prices.region}, prices of {prices.dated}"
    yield f"{'members':34}" + "".join(f"{size:>14,}" for size in curve.SIZES)
    for name, costs in curve.table(one, prices).items():
        yield f"{name:34}" + "".join(f"{cost:14.5f}" for cost in costs)
