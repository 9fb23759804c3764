"""The cost curve, on figures that are easily reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.bench import curve, prices

PRICES = replace(
    prices.load(),
    read_unit=0.001,
    write_unit=0.01,
    export_gb=5.0,
    pitr_gb_month=3.0,
    lambda_arm_gb_second=1_024 / prices.MB_PER_PROCESSOR,
)
ONE = curve.Counted(
    read=0.02,
    write=0.01,
    cpu=0.001,
    plain_read=0.05,
    scan_cpu=0.002,
    update_cpu=0.004,
    changed=0.1,
    ordered=0.05,
    item_bytes=1_000,
)


@pytest.mark.parametrize(
    ("design", "each"),
    [
        (curve.update_all, 0.05 * 0.001 + 0.01 + 0.006),
        (curve.update_changed, 0.05 * 0.001 + 0.1 * 0.01 + 0.002 + 0.1 * 0.004),
        (curve.ours, 0.02 * 0.001 + 0.01 * 0.01 + 0.001),
        (curve.due_index, 0.1 * 0.02 * 0.001 + (0.1 + 0.3) * 0.01 + 0.1 * 0.001),
        (curve.label_pages, 0.02 * 0.001 + 12 / 1_024 * 0.01 + 0.001),
    ],
)
def test_a_design_costs_its_units_and_its_time(design: curve.Design, each: float) -> None:
    assert design(ONE, PRICES, 1_000) == pytest.approx(1_000 * each)


def test_an_export_is_paid_by_size_and_ten_megabytes_at_least() -> None:
    least = curve.incremental_export(ONE, PRICES, 1_000) - 1_000 * (0.1 * 0.01 + 0.001)
    assert least == pytest.approx(0.01 * 5)
    large = curve.incremental_export(ONE, PRICES, 10_000_000) - 10_000_000 * (0.1 * 0.01 + 0.001)
    assert large == pytest.approx(10_000_000 * 0.05 * 2_000 / 1e9 * 5)


def test_the_backup_is_a_day_of_its_month() -> None:
    with_it = curve.incremental_export_and_backup(ONE, PRICES, 1_000_000)
    assert with_it - curve.incremental_export(ONE, PRICES, 1_000_000) == pytest.approx(3.0 / 30)


def test_there_is_a_figure_for_each_design_and_size() -> None:
    table = curve.table(ONE, prices.load())
    assert set(table) == set(curve.DESIGNS)
    assert all(len(costs) == len(curve.SIZES) for costs in table.values())
