"""What a function never uses is not loaded; what it always uses is there before its first event.

No clock is looked at here: `make bench-coldstart` measures, and this keeps what was gained.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
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


def started(*asked: str) -> list[dict[str, Any]]:
    """What `tests.starting` told of some starts, in processes of their own."""
    command = [sys.executable, "-m", "tests.starting", *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"')]


def amiss(function: str, heavy: set[str], own: set[str]) -> list[str]:
    """What a function loaded though it should not, or did not load though it should."""
    adapters = {name for name in own if name.startswith(ADAPTERS)}
    wrong = heavy ^ HEAVY.get(function, MODELS)
    wrong |= (own & CIPHERS) ^ WITH_CIPHERS.get(function, set())
    return sorted(wrong | (own & SPARED.get(function, set())) | adapters)


def test_a_function_loads_what_it_uses_and_nothing_else_that_is_heavy() -> None:
    told = {one["function"]: (set(one["heavy"]), set(one["own"])) for one in started(*PACKAGES)}
    assert sorted(told) == PACKAGES
    found = {function: amiss(function, *loaded) for function, loaded in told.items()}
    assert {function: wrong for function, wrong in found.items() if wrong} == {}


@pytest.mark.slow
@pytest.mark.parametrize("function", PACKAGES)
def test_no_client_is_made_in_the_first_invocation(function: str, tmp_path: Path) -> None:
    world.open_shop()
    event = tmp_path / "event.json"
    event.write_text(json.dumps(world.event_of(function)), encoding="utf-8")
    assert started("--event", str(event), function)[-1]["made"] == []


def test_every_function_has_a_case_in_the_shop() -> None:
    assert sorted(world.CASES) == PACKAGES


def test_works_are_done_once_at_the_end_of_a_start_and_garbage_is_collected_again() -> None:
    done: list[str] = []
    start.at_end(lambda: done.append("first"))
    start.at_end(lambda: done.append("second"))
    start.begin()
    assert not gc.isenabled()
    start.end()
    start.end()
    assert done == ["first", "second"]
    assert gc.isenabled()


def test_a_work_that_fails_leaves_collecting_on() -> None:
    def fail() -> None:
        raise RuntimeError

    start.begin()
    start.at_end(fail)
    with pytest.raises(RuntimeError):
        start.end()
    assert gc.isenabled()


@pytest.mark.parametrize("function", PACKAGES)
def test_a_function_stops_collecting_before_it_imports_anything(function: str) -> None:
    package = Path(__file__).parents[2] / "functions" / function / "__init__.py"
    begin = "\nfrom siyu import start\n\nstart.begin()\n"
    assert package.read_text(encoding="utf-8").endswith(begin)
