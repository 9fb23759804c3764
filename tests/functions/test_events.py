"""The events on disk are what the gateway, the table and the template make today."""

from __future__ import annotations

import json

import pytest

from infra.local.filters import compile_filters
from infra.local.triggers import stream_mapping
from tests.functions.calls import EVENTS, call, load
from tests.functions.make_events import make
from tests.functions.world import open_shop
from tests.services.shop import door
from tests.support import standin
from tests.template.reading import events, functions, package_of

# Without a session, with a signature or a code that somebody changed, for another's receipt.
REFUSED = {
    "code_landing/no_code": 404,
    "console_audience/no_token": 401,
    "console_programme/no_token": 401,
    "console_quarantine/no_token": 401,
    "console_referrer/no_token": 401,
    "console_review/no_token": 401,
    "console_scheme/no_token": 401,
    "console_segment/no_token": 401,
    "member_profile/no_session": 401,
    "order_webhook/wechat_pay_probe": 401,
    "order_webhook/wechat_pay_tampered": 401,
    "order_webhook/wechat_pay_wrong_serial": 401,
    "scan_signup/base64": 409,
    "scan_signup/forged": 404,
}
FIRST = ("scan_signup/store", "scan_signup/receipt", "scan_signup/base64", "credit_spend/hold")
LAST = ("member_privacy/erase",)


def on_disk() -> dict[str, object]:
    paths = EVENTS.glob("*/*.json")
    return {f"{path.parent.name}/{path.stem}": json.loads(path.read_text()) for path in paths}


def test_events_on_disk_are_those_the_script_makes() -> None:
    assert on_disk() == make(), "run python -m tests.functions.make_events"


def test_every_function_has_an_event() -> None:
    assert {package_of(name) for name in functions()} == {name.split("/")[0] for name in on_disk()}


@pytest.mark.parametrize("function", sorted(events("DynamoDB")))
def test_stream_events_pass_the_filter_of_their_function_alone(function: str) -> None:
    _, spec = events("DynamoDB")[function]
    passes = compile_filters(stream_mapping(spec).patterns)
    readers = {package_of(name) for name in events("DynamoDB")}
    names = [name for name in on_disk() if name.partition("/")[0] in readers]
    assert len(names) >= 5
    for name in names:
        (record,) = load(name)["Records"]
        assert passes(record) is name.startswith(package_of(function)), name


def in_order(name: str) -> tuple[bool, bool, str]:
    """Receipts before others claim them, a hold before its capture, an erasure after all."""
    return name in LAST, name not in FIRST, name


def test_every_event_is_answered_by_its_function() -> None:
    open_shop()
    door()
    for name in sorted(on_disk(), key=in_order):
        standin.forget()
        answer = call(name.partition("/")[0], load(name))
        status = answer.get("statusCode", 200)
        assert status == REFUSED.get(name, status), name
        assert (status < 300) is (name not in REFUSED), (name, answer)
        assert not answer.get("batchItemFailures"), name
