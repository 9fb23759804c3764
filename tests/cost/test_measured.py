"""Figures of other benches are taken from where they are told, not from memory."""

from __future__ import annotations

import json
import re

import pytest

from infra.bench import curve, prices
from infra.cost import measured
from infra.cost.measured import Measured, package
from infra.local.engine import ROOT
from infra.local.template import functions, load_template

TOLD = json.loads(measured.FILE.read_text(encoding="utf-8"))


def test_the_file_is_named_by_its_month() -> None:
    assert measured.FILE.stem == f"measured-{measured.load().dated}"


def test_the_night_is_the_one_of_the_page_on_performance() -> None:
    night = TOLD["night"]
    page = (ROOT / night["source"]).read_text(encoding="utf-8")
    assert f"{night['members']:,} members on a table" in page
    row = re.search(
        r"^Siyu +([\d.]+) +[\d.]+ +([\d.,]+) +([\d,]+) +[\d,]+ +[\d,]+$", page, re.MULTILINE
    )
    assert row is not None
    cpu, read, write = (float(cell.replace(",", "")) for cell in row.groups())
    assert (night["cpu"], night["read"], night["write"]) == (cpu, read, write)


def test_a_start_is_told_by_package_and_otherwise_by_what_most_take() -> None:
    own = Measured("2026-11", 0, 0, 0, {"scan_signup": 250}, 320)
    assert own.start_ms("ScanSignupFunction") == 250
    assert own.start_ms("OrderWorkerFunction") == 320


def test_every_function_of_the_template_is_a_package() -> None:
    found = functions(load_template(ROOT / "template.yaml"))
    packages = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    assert {package(name) for name in found} == packages
    assert TOLD["start"]["milliseconds"].keys() <= packages


def test_a_night_of_a_million_costs_what_the_curve_says() -> None:
    dated, told = prices.load(), measured.load()
    tariff = prices.tariff()
    night = told.night(measured.MILLION)
    cost = sum(tariff.cost(name, n) or 0.0 for name, n in night.items())
    one = curve.Counted(told.night_read, told.night_write, told.night_cpu, 0, 0, 0, 0, 0, 0)
    assert cost == pytest.approx(curve.ours(one, dated, measured.MILLION))
