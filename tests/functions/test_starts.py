"""What a function never uses is not loaded; what it always uses is there before its first event.

No clock is looked at here: `make bench-coldstart` measures, and this keeps what was gained.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from siyu import start
from tests.functions import world
from tests.template.reading import functions, package_of

PACKAGES = sorted(package_of(name) for name in functions())
TABLE, MODELS = {"pynamodb"}, {"pydantic", "pynamodb"}
# Those that need something else than models and the table.
HEAVY: dict[str, set[str]] = {
    "audience_export": TABLE | {"duckdb"},
    "code_landing": set(),
    "contact_callback": {"defusedxml"},
    "contact_worker": MODELS | {"defusedxml"},
    "member_changes": TABLE,
    "order_webhook": set(),
    "referral_credit": TABLE,
    "referral_poster": {"pydantic", "segno"},
    "referral_release": TABLE,
}
CIPHERS = {"siyu.services.sealing", "siyu.wechat.callback", "siyu.channels.wechat_pay_crypto"}
WITH_CIPHERS = {
    "contact_callback": {"siyu.wechat.callback"},
    "contact_worker": {"siyu.services.sealing", "siyu.wechat.callback"},
    "member_phone": {"siyu.services.sealing"},
}
# Much of what others do, and these do seldom or never.
SPARED = {
    "code_landing": {"siyu.aws", "siyu.secrets"},
    "console_quarantine": {"siyu.api.order_models", "siyu.services.record_order"},
    "console_referrer": {"siyu.services.credit_referral"},
    "console_review": {"siyu.services.credit_referral", "siyu.services.release_credits"},
    "console_segment": {"siyu.services.export_member", "siyu.services.show_wallet"},
    "credit_spend": {"siyu.services.show_wallet"},
    "member_privacy": {"siyu.services.export_member", "siyu.services.erase_member"},
    "member_profile": {"siyu.services.sign_up", "siyu.domain.programmes", "siyu.domain.orders"},
    "member_session": {"siyu.services.sign_up", "siyu.services.merge_members"},
    "scan_signup": {"siyu.services.merge_members", "siyu.storage.schemes"},
}
ADAPTERS = "siyu.channels.adapters."


@cache
def started(function: str, event: Path | None = None) -> dict[str, Any]:
    """What one start of it, and an invocation if there is an event, told."""
    command = [sys.executable, "-m", "tests.functions.starting", function]
    command += [str(event)] if event else []
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize("function", PACKAGES)
def test_a_function_loads_what_it_uses_and_nothing_else_that_is_heavy(function: str) -> None:
    told = started(function)
    own = set(told["own"])
    assert set(told["heavy"]) == HEAVY.get(function, MODELS)
    assert own & CIPHERS == WITH_CIPHERS.get(function, set())
    assert not own & SPARED.get(function, set())
    assert not [name for name in own if name.startswith(ADAPTERS)]


@pytest.mark.parametrize("function", ["order_webhook", "audience_export", "scan_signup"])
def test_no_client_is_made_in_the_first_invocation(function: str, tmp_path: Path) -> None:
    world.open_shop()
    event = tmp_path / "event.json"
    event.write_text(json.dumps(world.event_of(function)), encoding="utf-8")
    assert started(function, event)["made"] == []


def test_every_function_has_a_case_in_the_shop() -> None:
    assert sorted(world.CASES) == PACKAGES


def test_works_are_done_once_at_the_end_of_a_start_and_garbage_is_collected_again() -> None:
    done: list[str] = []
    start.at_end(lambda: done.append("first"))
    start.at_end(lambda: done.append("second"))
    gc.disable()
    start.end()
    start.end()
    assert done == ["first", "second"]
    assert gc.isenabled()


@pytest.mark.parametrize("function", PACKAGES)
def test_a_function_stops_collecting_before_it_imports_anything(function: str) -> None:
    package = Path(__file__).parents[2] / "functions" / function / "__init__.py"
    assert package.read_text(encoding="utf-8").endswith("\nfrom siyu import start as start\n")
