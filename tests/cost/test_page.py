"""docs/costs.md shows what a run counts and names what is assumed."""

from __future__ import annotations

import re

from infra.bench import prices
from infra.cost import estimate, fixed, flow, report
from infra.cost.fixed import POLL_SECONDS, POLLERS
from infra.cost.measured import load
from infra.cost.month import Usage, of_stage
from tests.docs.reading import DOCS, blocks, rows, text_of

PAGE = DOCS / "costs.md"


def test_every_assumption_of_the_estimate_is_the_one_in_force() -> None:
    told = [cells[1] for cells in rows(PAGE, "## What Lambda's time is made of")]
    assert told == [
        "1",
        f"{estimate.WAIT_SECONDS['dynamodb'] * 1_000:g} ms",
        f"{estimate.WAIT_SECONDS['sqs'] * 1_000:g} ms",
        f"{estimate.PARTNER_WAIT_SECONDS * 1_000:g} ms",
        f"{estimate.KEPT_SECONDS / 60:g} minutes",
        f"{load().otherwise:g} ms",
        f"{flow.PLATFORM_BYTES} bytes",
        f"{flow.ACCESS_BYTES} bytes",
        "one message",
        f"{POLLERS} connections of {POLL_SECONDS} s",
    ]


def test_the_usage_is_the_one_that_a_run_assumes() -> None:
    (body,) = [body for body in blocks(PAGE) if body.startswith("assumed")]
    told = dict(re.findall(r"^  ([a-z ]+?) {2,}([\d.]+)$", body, re.MULTILINE))
    wanted = {name.replace("_", " "): f"{value:g}" for name, value in Usage().table().items()}
    assert {name: told.get(name) for name in wanted} == wanted


def test_the_guides_say_what_the_month_on_the_page_comes_to() -> None:
    found = re.search(r"^in all +([\d.]+) +([\d.]+)$", text_of(PAGE), re.MULTILINE)
    address = re.search(r"^a fixed address adds +([\d.]+) ", text_of(PAGE), re.MULTILINE)
    assert found is not None
    assert address is not None
    small, large, more = (round(float(cell)) for cell in (*found.groups(), address[1]))
    english, chinese = (text_of(DOCS / name) for name in ("deploy.md", "deploy.zh-CN.md"))
    assert f"About {small} US dollars a month with 10,000 members and {large} with" in english
    assert f"{more} more where one fixed" in english
    assert (
        f"每月约 {small} 美元，一百万会员约 {large} 美元；需要固定 IP 时再加 {more} 美元" in chinese
    )


def test_the_guides_say_what_dev_and_staging_cost() -> None:
    costs, english, chinese = (
        text_of(DOCS / name) for name in ("costs.md", "deploy.md", "deploy.zh-CN.md")
    )
    (dev, written), (staging, _) = map(standing, ("default", "staging"))
    assert f"dev stands at {dev} a\nmonth" in costs
    assert f"and staging, with a dashboard, at {staging}." in costs
    assert f"{written} each if all of them" in costs
    assert f"dev stands at\n{dev} a month" in english
    assert f"staging at {staging} (a dashboard, too), each with up to {written} more" in english
    assert f"dev 每月固定 {dev} 美元" in chinese
    assert f"是 {staging} 美元；两者写指标时，各自最多再加 {written} 美元" in chinese


def standing(stage: str) -> tuple[str, str]:
    """What a stage costs without its metrics, to ten cents, and what they come to."""
    stands, tariff = fixed.monthly(of_stage(stage)), prices.tariff(prices.HOME)
    metrics, _ = report.dollars({"metric_month": stands.pop("metric_month")}, tariff)
    alone, _ = report.dollars(stands, tariff)
    return f"{alone:.1f}0", f"{metrics:.2f}"
