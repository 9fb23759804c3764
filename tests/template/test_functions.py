"""Every function can start, is bounded, and may do only what its job needs."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from typing import Any

import grimp
import pytest

from infra.smoke import LAMBDA_ENVIRONMENT, stand_in
from siyu.settings import Settings
from tests.template.reading import FUNCTIONS, functions, package_of, resources, template

NAMES = sorted(functions())
FREE_HANDED = {"dynamodb:Scan", "dynamodb:BatchWriteItem", "sqs:PurgeQueue", "iam:PassRole"}
# Those who write the pages of a night, which nothing else writes.
NIGHT = {"SegmentNightlyFunction", "SegmentPartFunction"}


def statements(function: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in functions()[function].get("Policies", [])
        for statement in policy["Statement"]
    ]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_job_is_there() -> None:
    assert NAMES == [
        "AudienceExportFunction",
        "CodeLandingFunction",
        "ConsoleAudienceFunction",
        "ConsoleProgrammeFunction",
        "ConsoleQuarantineFunction",
        "ConsoleReferrerFunction",
        "ConsoleReviewFunction",
        "ConsoleSchemeFunction",
        "ConsoleSegmentFunction",
        "ContactCallbackFunction",
        "ContactWorkerFunction",
        "CouponRedeemFunction",
        "CreditSpendFunction",
        "MemberChangesFunction",
        "MemberConsentsFunction",
        "MemberPhoneFunction",
        "MemberPrivacyFunction",
        "MemberProfileFunction",
        "MemberSessionFunction",
        "MemberWalletFunction",
        "OrderImportFunction",
        "OrderReconcileFunction",
        "OrderWebhookFunction",
        "OrderWorkerFunction",
        "ReferralCreditFunction",
        "ReferralPosterFunction",
        "ReferralReleaseFunction",
        "ScanSignupFunction",
        "SegmentNightlyFunction",
        "SegmentPartFunction",
    ]


def test_every_function_package_is_deployed() -> None:
    packages = {path.parent.name for path in FUNCTIONS.glob("*/handler.py")}
    assert packages == {package_of(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_handler_follows_the_name_and_exists(name: str) -> None:
    assert functions()[name]["Handler"] == f"{package_of(name)}.handler.lambda_handler"
    assert (FUNCTIONS / package_of(name) / "handler.py").is_file()


def test_every_handler_imports_with_the_environment_of_the_template() -> None:
    """In a process of its own: settings are read once, and other tests have theirs."""
    variables = functions()[NAMES[0]]["Environment"]["Variables"]
    parameters = template()["Parameters"]
    environment = {name: stand_in(name, value, parameters) for name, value in variables.items()}
    modules = [functions()[name]["Handler"].removesuffix(".lambda_handler") for name in NAMES]
    code = "import importlib, sys\nfor name in sys.argv[1:]:\n"
    code += "    assert callable(importlib.import_module(name).lambda_handler), name\n"
    done = subprocess.run(
        [sys.executable, "-c", code, *modules],
        env={**LAMBDA_ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_function_is_bounded_and_logs_to_its_own_group(name: str) -> None:
    properties = functions()[name]
    assert 1 <= properties["Timeout"] <= 900
    assert 128 <= properties["MemorySize"] <= 3008
    group = properties["LoggingConfig"]["LogGroup"]["Ref"]
    assert group == name.removesuffix("Function") + "LogGroup"
    assert group in resources("AWS::Logs::LogGroup")
    assert properties["LoggingConfig"]["LogFormat"] == "JSON"


def test_every_log_ends() -> None:
    for group in resources("AWS::Logs::LogGroup").values():
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("name", NAMES)
def test_policy_names_exact_actions_on_named_resources(name: str) -> None:
    assert statements(name) or name == "CodeLandingFunction"
    for statement in statements(name):
        actions = listed(statement["Action"])
        assert not [action for action in actions if "*" in action]
        free = FREE_HANDED.intersection(actions)
        assert not free or (name in NIGHT and free == {"dynamodb:BatchWriteItem"})
        for resource in listed(statement["Resource"]):
            assert isinstance(resource, dict), "an ARN is never typed by hand"
            # Objects of a bucket have no ARN of their own: all below one folder, and no other.
            assert "*" not in re.sub(r"\.Arn\}/[a-z]+/\*'", "", str(resource))


@pytest.mark.parametrize("name", ["OrderWebhookFunction", "ContactCallbackFunction"])
def test_receiver_cannot_touch_the_table(name: str) -> None:
    actions = {action for one in statements(name) for action in listed(one["Action"])}
    assert actions == {"sqs:SendMessage", "secretsmanager:GetSecretValue"}


def test_one_function_alone_carries_the_analytics_layer() -> None:
    """And no other imports what is in it: DuckDB is 65 MB."""
    layer = {"Ref": "AnalyticsLayer"}
    assert [name for name in NAMES if layer in functions()[name]["Layers"]] == [
        "AudienceExportFunction"
    ]
    packages = [package_of(name) for name in NAMES]
    graph = grimp.build_graph("siyu", *packages, cache_dir=None, include_external_packages=True)
    able = {name for name in packages if graph.chain_exists(name, "duckdb", as_packages=True)}
    assert able == {"audience_export"}


def test_landing_page_may_do_nothing() -> None:
    assert statements("CodeLandingFunction") == []


@pytest.mark.parametrize(
    ("module", "action"),
    [
        ("siyu.secrets", "secretsmanager:GetSecretValue"),
        ("siyu.storage.queue", "sqs:SendMessage"),
        ("siyu.storage.reading", "dynamodb:BatchGetItem"),
        ("siyu.storage.labels", "dynamodb:PartiQLUpdate"),
        ("siyu.services.label_members", "dynamodb:BatchWriteItem"),
        ("siyu.storage.machine", "states:StartExecution"),
    ],
)
def test_right_is_given_to_those_whose_code_can_use_it(module: str, action: str) -> None:
    """Nothing on a laptop enforces policies; a missing right would first show in production."""
    packages = [package_of(name) for name in NAMES]
    graph = grimp.build_graph("siyu", *packages, cache_dir=None)
    able = {
        name for name in NAMES if graph.chain_exists(package_of(name), module, as_packages=True)
    }
    granted = {n for n in NAMES if any(action in listed(s["Action"]) for s in statements(n))}
    assert able - granted == set()


def test_environment_is_what_settings_reads() -> None:
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    own = {name for name in variables if not name.startswith(("POWERTOOLS_", "PYDANTIC_"))}
    assert own == {field.name.upper() for field in fields(Settings)}


def test_no_function_has_an_environment_of_its_own() -> None:
    for resource in resources("AWS::Serverless::Function").values():
        assert "Environment" not in resource["Properties"]
