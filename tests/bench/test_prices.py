"""Prices are dated, say where they were read, and say so when they could not be."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from infra.bench import prices
from infra.bench.prices import Price, Tariff

TOLD: dict[str, Any] = json.loads(prices.FILE.read_text(encoding="utf-8"))
each_region = pytest.mark.parametrize("region", prices.regions())


@each_region
def test_every_price_has_a_source(region: str) -> None:
    entries = TOLD["regions"][region]["prices"].values()
    assert all(entry["source"].startswith("https://") for entry in entries)


@each_region
def test_every_region_prices_the_same_things(region: str) -> None:
    assert prices.tariff(region).prices.keys() == prices.tariff().prices.keys()


@each_region
def test_a_price_that_is_not_known_is_not_confirmed_and_none_is_below_nothing(region: str) -> None:
    for price in prices.tariff(region).prices.values():
        assert price.amount is not None or not price.confirmed
        assert price.amount is None or price.amount > 0
        assert price.free >= 0


def test_at_home_every_price_is_known() -> None:
    assert all(price.amount is not None for price in prices.tariff().prices.values())
    assert prices.tariff().currency == "USD"
    assert prices.tariff("cn-north-1").currency == "CNY"


def test_the_file_is_named_by_its_month() -> None:
    assert re.fullmatch(r"\d{4}-\d{2}", TOLD["dated"])
    assert prices.FILE.stem == f"prices-{prices.load().dated}"


def test_a_second_of_a_processor_is_one_of_1769_megabytes() -> None:
    assert prices.load().cpu_second == pytest.approx(0.0000230344, rel=1e-4)


def test_a_million_units_cost_what_the_list_says() -> None:
    dated = prices.load()
    assert dated.work(1_000_000, 0, 0) == pytest.approx(0.125)
    assert dated.work(0, 1_000_000, 0) == pytest.approx(0.625)
    assert dated.work(1_000_000, 1_000_000, 0) == pytest.approx(0.75)


def test_a_free_allowance_is_taken_off_once_and_never_pays_back() -> None:
    own = Tariff("2026-11", "r", "USD", {"a": Price(2.0, "https://x", confirmed=True, free=10)})
    assert own.cost("a", 12) == 24.0
    assert own.billed("a", 12) == 4.0
    assert own.billed("a", 3) == 0.0


def test_what_has_no_price_costs_nothing_that_could_be_told() -> None:
    own = Tariff("2026-11", "r", "CNY", {"a": Price(None, "https://x", confirmed=False)})
    assert own.cost("a", 12) is None
    assert own.billed("a", 12) is None
