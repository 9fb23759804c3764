"""A small run counts what docs/data-model.md says, and prices it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from infra.cost.scenarios import SCENARIOS
from infra.local.engine import ROOT, find_dynoxide
from tests.docs.reading import DOCS, blocks, rows

pytestmark = pytest.mark.skipif(
    find_dynoxide() is None, reason="only dynoxide counts units like AWS"
)
COUNT = 2
# What a scenario's function does, by the name it has on the page.
JOBS = (
    ("signup", "ScanSignupFunction", "Signup by receipt, new member"),
    ("order", "OrderWorkerFunction", "Paid order of a known member"),
    ("claim", "ScanSignupFunction", "A member claims another receipt"),
    ("credit", "ReferralCreditFunction", "Post a credit"),
    ("redemption", "CouponRedeemFunction", "Redeem a coupon"),
    ("wallet", "MemberWalletFunction", "GET /v1/me/credit"),
    ("profile", "MemberProfileFunction", "GET /v1/me"),
    (
        "quiet night",
        "ReferralReleaseFunction",
        "The programme's whole night, nothing waits",
    ),
)

# The jobs of the page begin when the till's signature holds (a read of its store's keys), and when
# a batch's bindings and rules are read (one each: here a batch is one order).
MORE_READ = {"redemption": 1, "credit": 2}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    command = [sys.executable, "-m", "infra.cost.run", "--size", str(COUNT), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def stated() -> dict[str, tuple[float, ...]]:
    return {
        job: tuple(float(cell.replace(",", "")) for cell in cells[:3])
        for job, *cells in rows(DOCS / "data-model.md", "## Units")
    }


@pytest.mark.parametrize(("scenario", "function", "job"), JOBS)
def test_a_function_uses_the_units_of_the_page(
    told: dict[str, Any], scenario: str, function: str, job: str
) -> None:
    flow = told["scenarios"][scenario]
    used = flow["functions"][function]
    index = sum(units for place, units in used["write"].items() if place != "table")
    counted = (sum(used["read"].values()), sum(used["write"].values()), index)
    read, write, of_index = stated()[job]
    expected = (read + MORE_READ.get(scenario, 0), write, of_index)
    assert tuple(n / flow["count"] for n in counted) == expected


def test_the_page_shows_the_units_that_a_run_counts(told: dict[str, Any]) -> None:
    """All but those of credits: their night is shared by as many as there are."""
    (body,) = [body for body in blocks(DOCS / "costs.md") if body.startswith("per 1,000")]
    for name, scenario in SCENARIOS.items():
        if name == "credit":
            continue
        (line,) = [line for line in body.splitlines() if line.startswith(scenario.title)]
        shown = [float(cell.replace(",", "")) for cell in line[len(scenario.title) :].split()]
        each = told["scenarios"][name]["per_thousand"]
        counted = [each[key] for key in ("read_unit", "write_unit")]
        counted += [each[key] for key in ("lambda_request", "http_api_request", "sqs_request")]
        assert [*shown[:2], shown[3], shown[5], shown[6]] == counted


def test_an_order_takes_three_requests_of_the_queue(told: dict[str, Any]) -> None:
    assert told["scenarios"]["order"]["requests"]["sqs"] == 3 * COUNT


def test_everything_is_priced_at_home(told: dict[str, Any]) -> None:
    for flow in told["scenarios"].values():
        assert flow["cost_per_thousand"] > 0
        assert flow["without_price"] == []
    assert [one["members"] for one in told["months"]] == [10_000, 1_000_000]
