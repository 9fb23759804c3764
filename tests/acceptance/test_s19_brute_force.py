"""Scenario 19: ten thousand guesses from one address find nothing, cost nothing and are noticed."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from siyu.domain import base32
from siyu.domain.codes import TOKEN_CHARS
from siyu.domain.limits import ADDRESS, DEVICE, REFERRED, SHOPPER, STORE
from siyu.errors import TooManyRequestsError
from siyu.runtime import metrics
from siyu.services import scan_limits
from tests.faults import line
from tests.functions.calls import body, call, load, refused, with_fields
from tests.services.shop import receipt, scan
from tests.support import NOW, dump, kinds, standin
from tests.template.reading import resources

GUESSES = 10_000


def guess(chance: random.Random) -> Any:
    token = base32.encode(chance.getrandbits(5 * TOKEN_CHARS), TOKEN_CHARS)
    return call("scan_signup", with_fields(load("scan_signup/receipt"), token=token))


@pytest.mark.slow
def test_ten_thousand_guesses_are_throttled_and_touch_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: Counter[str] = Counter()

    def count(name: str, unit: Any, value: float, **_: Any) -> None:
        counted[name] += int(value)

    monkeypatch.setattr(metrics, "add_metric", count)
    chance = random.Random(19)
    with line() as quiet:
        statuses = Counter(guess(chance)["statusCode"] for _ in range(GUESSES))
    assert statuses == {404: ADDRESS.count, 429: GUESSES - ADDRESS.count}
    assert (quiet.calls, standin.asked("jscode2session"), kinds()) == ([], 0, {})
    assert counted == {"ScanRefused": GUESSES}


def test_the_alarm_watches_what_the_function_counts() -> None:
    alarm = resources("AWS::CloudWatch::Alarm")["GuessedCodesAlarm"]["Properties"]
    assert alarm["MetricName"] == "ScanRefused"
    assert alarm["Threshold"] * 10 < GUESSES


def test_a_throttled_answer_says_when_to_come_back() -> None:
    chance = random.Random(1)
    for _ in range(ADDRESS.count):
        guess(chance)
    answer = guess(chance)
    assert answer["statusCode"] == 429
    assert body(answer)["type"] == "urn:siyu:problem:too_many_requests"
    assert 1 <= int(answer["headers"]["Retry-After"]) <= ADDRESS.seconds


def test_another_address_is_not_kept_out() -> None:
    chance = random.Random(2)
    for _ in range(ADDRESS.count + 1):
        guess(chance)
    event = load("scan_signup/receipt")
    event["requestContext"]["http"]["sourceIp"] = "203.0.113.9"
    assert call("scan_signup", event)["statusCode"] == 200


def exhausted(times: int, work: Callable[[int], object]) -> TooManyRequestsError:
    """The refusal that comes after exactly `times` successes."""
    for number in range(times):
        work(number)
    with pytest.raises(TooManyRequestsError) as refusal:
        work(times)
    return refusal.value


def test_a_shopper_claims_ten_receipts_a_day() -> None:
    over = exhausted(SHOPPER.count, lambda number: scan(receipt(number), "ann"))
    assert over.limit == "shopper"


def test_a_device_brings_three_new_members_a_week() -> None:
    over = exhausted(DEVICE.count, lambda number: scan(receipt(number), f"s{number}", device="d-1"))
    assert over.limit == "device"
    assert scan(receipt(99), "other", device="d-2").joined


def test_who_is_sent_by_a_friend_joins_on_a_device_that_has_brought_three() -> None:
    """The referral rules say what they doubt; a bot is stopped all the same."""
    code = scan(receipt(90), "ann").referral_code
    for number in range(DEVICE.count):
        scan(receipt(number), f"s{number}", device="d-1")
    more = REFERRED.count - DEVICE.count
    over = exhausted(more, lambda number: scan(code, f"f{number}", device="d-1"))
    assert over.limit == "device"


def test_a_referral_that_is_none_of_ours_opens_no_device() -> None:
    for number in range(DEVICE.count):
        scan(receipt(number), f"s{number}", device="d-1")
    for none_of_ours in ("", "0" * TOKEN_CHARS, receipt(50)):
        with pytest.raises(TooManyRequestsError):
            scan(receipt(51), "late", none_of_ours, device="d-1")


def test_a_members_own_device_may_claim_as_many_receipts_as_they_may() -> None:
    for number in range(SHOPPER.count):
        assert scan(receipt(number), "ann", device="d-1").claim == "pending"


def test_a_store_takes_a_rush_and_not_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight counters by shopper; here all shoppers fall into one."""
    monkeypatch.setattr(scan_limits, "STORE_WINDOWS", 1)
    over = exhausted(STORE.count, lambda number: scan(receipt(number), f"s{number}"))
    assert over.limit == "store"


def test_an_address_is_counted_over_all_running_functions() -> None:
    over = exhausted(
        ADDRESS.count, lambda number: scan(receipt(number), f"s{number}", address="192.0.2.1")
    )
    assert over.limit == "address"


def test_scanning_the_same_receipt_again_is_free() -> None:
    for _ in range(SHOPPER.count + 5):
        scan(receipt(1), "ann")


def test_no_address_and_no_device_is_stored_as_it_is() -> None:
    scan(receipt(1), "ann", address="192.0.2.77", device="device-of-ann")
    stored = json.dumps(list(dump().values()))
    assert "192.0.2.77" not in stored
    assert "device-of-ann" not in stored


def test_the_wall_forgets_with_the_minute_and_never_grows_without_end() -> None:
    wall = scan_limits.Wall()
    for number in range(2 * scan_limits.REMEMBERED):
        wall.pass_through(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", NOW)
    assert len(wall._counts) <= scan_limits.REMEMBERED


def test_a_flood_is_refused_before_its_code_is_looked_at() -> None:
    for _ in range(ADDRESS.count):
        call("scan_signup", load("scan_signup/forged"))
    refused_now = call("scan_signup", load("scan_signup/receipt"))
    assert refused_now["statusCode"] == 429
    assert kinds() == {}


def test_a_login_code_is_not_spent_on_a_code_that_is_none() -> None:
    refused(call("scan_signup", load("scan_signup/forged")), 404, "code_not_valid")
    assert call("scan_signup", load("scan_signup/receipt"))["statusCode"] == 200
