"""What a run has to show for itself, and what it only tells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra.bench import curve, prices, report
from infra.bench.race import CONTESTANTS, OURS, Found, Sample
from infra.bench.tables import Nights, Told
from infra.local.engine import ROOT

PRICES = prices.load()


def told(**fields: Any) -> Told:
    night = {"cpu": 0.4, "wall": 1.0, "start": 0.2, "members": 200_000, "changed": 900}
    return {**night, "moved": 2_000, "read": 2_000.0, "write": 950.0, "labels": 900.0, **fields}


NIGHTS = Nights(
    ours=told(read=0, write=0, labels=0),
    counted=told(cpu=0.5),
    again=told(cpu=0.0, write=0.0, labels=0.0),
    next=told(write=300.0),
    moved=told(write=10_000.0, labels=9_900.0),
    boto3=told(cpu=9.0, scan=8.2, read=3_600.0, write=900.0),
)
SAMPLES = {name: [Sample(10.0, 11.0, 500_000_000)] for name in CONTESTANTS}
RACE = report.Race(
    1_000_000, {**SAMPLES, OURS: [Sample(3.0, 3.1, 300_000_000)]}, Found(14_000, "00")
)
RESULT = report.Result(RACE, 200_000, 0.025, 300.0, NIGHTS)


def missed(result: report.Result) -> list[str]:
    return [one.what for one in report.targets(result, PRICES) if not one.met]


def test_a_good_run_misses_nothing_and_has_no_failure() -> None:
    assert missed(RESULT) == []
    assert list(report.failures(RESULT)) == []


@pytest.mark.parametrize(
    ("sample", "what"),
    [
        (Sample(10.1, 1.0, 1), "CPU, of DuckDB's"),
        (Sample(4.6, 1.0, 1), "CPU, of Polars'"),
        (Sample(1.0, 1.0, 500_000_001), "memory, of DuckDB's"),
    ],
)
def test_to_be_slower_or_larger_than_the_others_is_a_target_missed(
    sample: Sample, what: str
) -> None:
    slow = replace(RACE, samples={**RACE.samples, OURS: [sample]})
    assert what in missed(replace(RESULT, race=slow))


def test_a_client_that_takes_more_than_a_twentieth_misses_its_target() -> None:
    slow = replace(NIGHTS, ours=told(cpu=0.46))
    assert missed(replace(RESULT, nights=slow)) == ["client CPU on a table, of boto3's"]


def test_small_runs_are_held_to_loose_targets_and_to_no_costs() -> None:
    slow = replace(NIGHTS, ours=told(cpu=4.4), counted=told(write=90_000.0, labels=900.0))
    small = replace(RESULT, table_members=5_000, nights=slow)
    assert missed(replace(RESULT, nights=slow)) != []
    assert missed(small) == []


def test_a_second_run_that_writes_is_wrong() -> None:
    wrong = replace(NIGHTS, again=told(write=1.0))
    assert len(list(report.failures(replace(RESULT, nights=wrong)))) == 1


def test_other_labels_than_those_boto3_writes_are_wrong() -> None:
    wrong = replace(NIGHTS, boto3=told(changed=901, scan=8.2))
    assert len(list(report.failures(replace(RESULT, nights=wrong)))) == 1


def test_the_report_names_everybody_and_every_target() -> None:
    text = "\n".join(report.text(RESULT, PRICES))
    for name in (*CONTESTANTS, *(one.what for one in report.targets(RESULT, PRICES))):
        assert name in text


def test_the_page_has_every_contestant_and_design() -> None:
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert [name for name in (*CONTESTANTS, *curve.DESIGNS) if name not in page] == []


def test_without_a_race_the_nights_and_the_costs_are_told() -> None:
    text = "\n".join(report.text(replace(RESULT, race=None), PRICES))
    assert "DuckDB" not in text
    assert "due index" in text
