"""The command's exit codes and what it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.demo import __main__ as command
from infra.demo import driver
from infra.demo.figures import MemberState, Outcome, Programme, Totals
from infra.demo.plan import Plan
from infra.demo.reader import read_orders
from infra.demo.shop import ShopError
from tests.demo.oracle import expected_figures

SAMPLE = Path(__file__).parents[1] / "data" / "sample_orders.csv"


def perfect_replay(plan: Plan, programme: Programme, data_dir: Path) -> Outcome:
    """A product without a fault."""
    rows = read_orders(SAMPLE).rows
    figures = expected_figures(rows, plan.scans, programme)
    members = {name: MemberState(one, None, "new") for name, one in figures.items()}
    refunds = [row.amount_minor for row in rows if row.kind == "refund"]
    net = sum(row.amount_minor for row in rows if row.kind == "order") - sum(refunds)
    totals = Totals(len(rows) - len(refunds), len(refunds), net)
    return Outcome(members, totals, 7, 0, 2, 1.0, 2.0, 3.0)


def run(tmp_path: Path, orders: Path = SAMPLE) -> tuple[int, Path]:
    summary = tmp_path / "summary.json"
    arguments = ["--orders", str(orders), "--data", str(tmp_path), "--summary", str(summary)]
    return command.main(arguments), summary


def test_agreement_is_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(driver, "replay", perfect_replay)
    code, summary = run(tmp_path)
    assert code == command.AGREES
    read = json.loads(summary.read_text(encoding="utf-8"))
    assert (read["members"], read["compared_members"], read["differing_members"]) == (32, 32, 0)
    output = capsys.readouterr()
    assert "116 orders and refunds" in output.err
    assert "净销售额" in output.out


def test_a_missing_penny_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(plan: Plan, programme: Programme, data_dir: Path) -> Outcome:
        outcome = perfect_replay(plan, programme, data_dir)
        totals = Totals(outcome.totals.orders, outcome.totals.refunds, outcome.totals.net_minor - 1)
        return Outcome(outcome.members, totals, 7, 0, 2, 1.0, 2.0, 3.0)

    monkeypatch.setattr(driver, "replay", careless)
    code, summary = run(tmp_path)
    assert code == command.DIFFERS
    assert "net_minor" in json.loads(summary.read_text(encoding="utf-8"))["differences"][0]


def test_a_product_that_refuses_is_three(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refusing(plan: Plan, programme: Programme, data_dir: Path) -> Outcome:
        raise ShopError("POST /v1/scans: 404")

    monkeypatch.setattr(driver, "replay", refusing)
    code, summary = run(tmp_path)
    assert (code, summary.exists()) == (command.FAILED, False)
    assert "demo: POST /v1/scans: 404" in capsys.readouterr().err


def test_an_unusable_file_is_two_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, summary = run(tmp_path, tmp_path / "none.csv")
    assert (code, summary.exists()) == (command.UNUSABLE, False)
    assert len(capsys.readouterr().err.splitlines()) == 1
