"""Prices are dated and say where they were read."""

from __future__ import annotations

import json

import pytest

from infra.bench import prices


def test_every_price_has_a_source() -> None:
    told = json.loads(prices.FILE.read_text(encoding="utf-8"))
    assert all(entry["source"].startswith("https://") for entry in told["prices"].values())


def test_the_file_is_named_by_its_month() -> None:
    assert prices.FILE.stem == f"prices-{prices.load().dated}"


def test_a_second_of_a_processor_is_one_of_1769_megabytes() -> None:
    assert prices.load().cpu_second == pytest.approx(0.0000230344, rel=1e-4)


def test_a_million_units_cost_what_the_list_says() -> None:
    dated = prices.load()
    assert dated.work(1_000_000, 0, 0) == pytest.approx(0.125)
    assert dated.work(0, 1_000_000, 0) == pytest.approx(0.625)
    assert dated.work(1_000_000, 1_000_000, 0) == pytest.approx(0.75)
