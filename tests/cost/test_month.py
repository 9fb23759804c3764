"""A month is added up from what was counted; nothing in it comes twice or from nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.bench import prices
from infra.bench.prices import Price, Tariff
from infra.cost import report
from infra.cost.count import TABLE, Used, entries
from infra.cost.flow import Flow, Work, scaled, summed
from infra.cost.measured import Measured
from infra.cost.month import Usage, kept_gb, month
from infra.cost.scenarios import QUIET_NIGHT, SCENARIOS

MEASURED = Measured("2026-11", 0.02, 0.007, 4e-6, {}, 300)
NOBODY = Usage(*[0.0] * 11)


def flow(function: str = "ScanSignupFunction", count: int = 10) -> Flow:
    """Ten times: three units read, two written, one of them into an index; a request each."""
    used = Used()
    used.read[TABLE], used.write[TABLE], used.write["GSI1"] = 3 * count, count, count
    used.requests.update({"dynamodb": 2 * count})
    used.partners = count
    work = Work(512, count, 0.01 * count, 100 * count, 200 * count, count, used)
    return Flow(count, {function: work}, count, 500 * count, 2 * count, 700 * count)


FLOWS = {name: flow() for name in (*SCENARIOS, QUIET_NIGHT)}


def test_quantities_are_those_of_one_times_a_thousand() -> None:
    each = flow().per(1_000)
    assert each["read_unit"] == 3_000
    assert each["write_unit"] == 2_000
    assert each["lambda_request"] == each["http_api_request"] == 1_000
    assert each["sqs_request"] == 2_000
    assert each["lambda_arm_gb_second"] == pytest.approx(50)
    assert each == pytest.approx(flow(count=20).per(1_000))


def test_logs_are_the_lines_written_lambdas_own_and_the_gateways() -> None:
    once = flow(count=1).log_gb() * 1e9
    assert once == 200 + 26 + 900 + 3 * 26 + 280 + 26


def test_a_part_of_a_flow_leaves_out_the_gateway_and_the_queues() -> None:
    whole = flow("A")
    whole.works["B"] = Work(512, 5)
    part = whole.only("B")
    assert part.quantities()["lambda_request"] == 5
    assert part.quantities()["http_api_request"] == part.quantities()["sqs_request"] == 0


def test_an_answer_tells_the_units_of_the_table_and_of_each_index() -> None:
    one = b'{"ConsumedCapacity": {"CapacityUnits": 3}}'
    assert entries(one) == [{"CapacityUnits": 3}]
    assert entries(b'{"ConsumedCapacity": [{"CapacityUnits": 3}]}') == [{"CapacityUnits": 3}]
    assert entries(b"") == entries(b"{}") == []


def test_nobody_who_does_nothing_costs_what_stands_and_the_nights() -> None:
    quiet = month(1_000, FLOWS, MEASURED, NOBODY)
    assert sum(quiet.parts["members"].values()) == 0
    assert quiet.parts["nights"] == scaled(MEASURED.night(1_000), 0)
    assert quiet.parts["fixed"]["secret_month"] == 1


def test_members_and_nights_cost_in_proportion_and_what_stands_does_not() -> None:
    one, hundred = (month(n, FLOWS, MEASURED) for n in (10_000, 1_000_000))
    for part in ("members", "nights", "kept"):
        grown = {name: n * 100 for name, n in one.parts[part].items()}
        night = FLOWS[QUIET_NIGHT].per(30) if part == "members" else {}
        once = {name: n * 99 for name, n in night.items()}
        assert hundred.parts[part] == pytest.approx(
            {name: n - once.get(name, 0) for name, n in grown.items()}, rel=1e-2
        )
    assert one.parts["fixed"] == hundred.parts["fixed"]


def test_orders_are_counted_once_by_payment_and_once_by_each_further_webhook() -> None:
    usage = replace(NOBODY, orders=12, webhooks_an_order=2, claimed=0.25, referred=0.1)
    times = usage.a_month(1_000)
    assert times["order"] == 1_750
    assert times["claim"] == 250
    assert times["credit"] == pytest.approx(100)
    assert times["order"] + times["claim"] == 2 * 1_000


def test_the_table_holds_members_and_the_orders_of_the_years_that_are_kept() -> None:
    usage = replace(NOBODY, orders=4, years_kept=2)
    assert kept_gb(1_000_000, FLOWS, usage) == pytest.approx(0.7 + 8 * 0.7)


def test_what_has_no_price_is_named_and_the_sum_says_that_it_is_more() -> None:
    known = Price(2.0, "https://x", confirmed=True)
    unknown = Price(None, "https://x", confirmed=False)
    tariff = Tariff("2026-11", "r", "CNY", {"a": known, "b": unknown})
    assert report.dollars({"a": 3, "b": 1}, tariff) == (6.0, {"b"})
    assert report.told(6.0, {"b"}, 2) == ">6.00"
    assert report.dollars({"a": 3, "b": 0}, tariff) == (6.0, set())


def test_every_priced_thing_of_a_month_stands_in_one_line_of_the_bill() -> None:
    made = month(10_000, FLOWS, MEASURED)
    lines = [name for names in report.GROUPS.values() for name in names]
    assert len(lines) == len(set(lines))
    assert {**made.total(), **made.egress}.keys() <= set(lines)
    assert set(lines) <= prices.tariff().prices.keys()


def test_sums_add_name_by_name() -> None:
    assert summed([{"a": 1.0}, {"a": 2.0, "b": 1.0}]) == {"a": 3.0, "b": 1.0}
