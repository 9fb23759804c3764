"""POST /v1/stores/{store}/redemptions: only the store's own till, only once, only whole amounts."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from siyu.api import session
from siyu.domain.keys import issued_code_key, store_code_key, till_request_key
from siyu.domain.money import MAX_AMOUNT_MINOR
from siyu.services.erase_member import erase_member
from siyu.services.known_member import known
from siyu.services.verify_till import till_secret
from siyu.storage import codes
from siyu.storage.codes import StoreKeys
from siyu.storage.transaction import Transaction
from tests.faults import line
from tests.functions.calls import (
    ANN,
    BOB,
    TIMESTAMP,
    Event,
    body,
    call,
    join,
    load,
    refused,
    signed,
    with_body,
    with_headers,
    with_path,
)
from tests.services.shop import MASTER_KEY, STORE, receipt
from tests.support import NOW, WEBHOOK_SECRET, at_once, dump

EVENT = load("coupon_redeem/redeem")


def request(
    content: Any, redemption: str = "till-1-0001", secret: str | None = None, at: int = TIMESTAMP
) -> Event:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return signed(EVENT, text, redemption, at, secret or till_secret(STORE, 1))


def redeem(code: str, spend: Any = 12_800, redemption: str = "till-1-0001", **how: Any) -> Any:
    return call(
        "coupon_redeem", request({"coupon_code": code, "spend_minor": spend}, redemption, **how)
    )


def welcome(member_id: str, serial: int) -> str:
    coupon = join(member_id, receipt(serial), f"openid-{serial}").coupon
    assert coupon is not None
    return coupon.code


def rotate(current: int, *revoked: int) -> None:
    write = Transaction()
    codes.put_keys(write, StoreKeys(STORE, current, revoked, 1))
    write.commit()


@pytest.fixture
def code() -> str:
    return welcome(ANN, 1)


def test_a_till_redeems_and_learns_nothing_about_the_member(code: str) -> None:
    answer = redeem(code)
    assert answer["statusCode"] == 200
    assert answer["headers"].keys() == {"Content-Type", "x-request-id"}
    assert answer["headers"]["Content-Type"] == "application/json"
    assert body(answer) == {
        "status": "redeemed",
        "coupon_code": code,
        "benefit": "welcome",
        "value_minor": 1_000,
    }
    ((_, coupon),) = known(ANN).coupons
    assert coupon.redemption is not None
    done = coupon.redemption
    assert (done.store, done.redemption_id, done.spend_minor) == (STORE, "till-1-0001", 12_800)
    assert done.redeemed_at == NOW


def test_the_event_on_disk_is_signed_and_its_code_unknown() -> None:
    refused(call("coupon_redeem", EVENT), 404, "not_found")


def test_the_same_redemption_again_has_the_same_answer(code: str) -> None:
    first = redeem(code)
    later = TIMESTAMP + 200
    assert redeem(code, at=later) == first


def test_refusals_say_why(code: str) -> None:
    refused(redeem("0" * 12), 404, "not_found")
    refused(redeem(code, 4_999), 409, "below_minimum_spend")
    assert redeem(code)["statusCode"] == 200
    refused(redeem(code, 12_801), 409, "coupon_used")
    refused(redeem(code, redemption="till-1-0002"), 409, "coupon_used")
    refused(redeem(welcome(BOB, 2)), 409, "redemption_id_used")
    late = EVENT["requestContext"]["timeEpoch"] + 30 * 86_400_000
    other = welcome("00000000000C3", 3)
    event = request({"coupon_code": other, "spend_minor": 5_000}, "r", at=late // 1000)
    event["requestContext"] = {**event["requestContext"], "timeEpoch": late}
    refused(call("coupon_redeem", event), 409, "coupon_expired")


def test_a_coupon_of_an_erased_member_is_unknown(code: str) -> None:
    erase_member(ANN, NOW)
    refused(redeem(code), 404, "not_found")


def secret(key: bytes) -> str:
    return "whsec_" + base64.b64encode(key).decode()


FOREIGN = {
    "another store's": till_secret("B2C", 1),
    "another version's": till_secret(STORE, 2),
    "the receipt key": secret(store_code_key(MASTER_KEY, "brand", STORE, 1)),
    "the key of issued codes": secret(issued_code_key(MASTER_KEY, "brand", STORE, 1)),
    "another brand's": secret(till_request_key(MASTER_KEY, "other", STORE, 1)),
    "another master key's": secret(till_request_key(b"0" * 64, "brand", STORE, 1)),
    "the order webhooks'": WEBHOOK_SECRET,
    "an empty one": "whsec_",
}


@pytest.mark.parametrize("key", FOREIGN.values(), ids=FOREIGN.keys())
def test_nobody_elses_key_redeems(code: str, key: str) -> None:
    before = dump()
    refused(redeem(code, secret=key), 401, "signature_not_valid")
    assert dump() == before


@pytest.mark.parametrize("store", ["B2C", "a1b", "A1", "A1B0", "ÄÖÜ", "A1B%00", "~~~", "%"])
def test_a_request_holds_at_its_own_store_only(code: str, store: str) -> None:
    event = with_path(
        request({"coupon_code": code, "spend_minor": 12_800}), f"/v1/stores/{store}/redemptions"
    )
    refused(call("coupon_redeem", event), 401, "signature_not_valid")


def test_what_nobody_signed_is_not_read_and_costs_no_call(code: str) -> None:
    unsigned = {"webhook_id": "x", "webhook_timestamp": str(TIMESTAMP), "webhook_signature": "v1,"}
    for text in ("{", json.dumps({"coupon_code": code, "spend_minor": 12_800}), "[" * 4_000):
        with line() as calls:
            answer = call("coupon_redeem", with_headers(with_body(EVENT, text), **unsigned))
        refused(answer, 401, "signature_not_valid")
        assert calls.calls == []


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_stale_signature_is_refused(code: str, seconds: int) -> None:
    refused(redeem(code, at=TIMESTAMP + seconds), 401, "signature_not_valid")


def test_keys_rotate_and_a_revoked_one_opens_nothing(code: str) -> None:
    rotate(3, 1)
    for version, status in {0: 200, 1: 401, 2: 200, 3: 200, 4: 401, 7: 401}.items():
        assert redeem(code, secret=till_secret(STORE, version))["statusCode"] == status, version


@pytest.mark.parametrize(
    "spend", [-1, MAX_AMOUNT_MINOR + 1, 1.5, 5000.0, "5000", True, None, 10**400, [], {}]
)
def test_an_amount_is_a_whole_number_within_the_cap(code: str, spend: Any) -> None:
    answer = redeem(code, spend)
    refused(answer, 422, "invalid_request")
    assert [error["field"] for error in body(answer)["errors"]] == ["body.spend_minor"]


def test_the_largest_amount_is_taken(code: str) -> None:
    assert redeem(code, MAX_AMOUNT_MINOR)["statusCode"] == 200


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        b"\xff\xfe",
        "[" * 4_000,
        '{"coupon_code": "\\ud800", "spend_minor": 1}',
        '{"coupon_code": "", "spend_minor": 5000}',
        '{"coupon_code": "x", "spend_minor": 5000, "member_id": "00000000000A1"}',
        '{"coupon_code": "x", "spend_minor": NaN}',
    ],
)
def test_a_signed_body_that_makes_no_sense_is_refused(content: str | bytes) -> None:
    answer = call("coupon_redeem", request(content))
    refused(answer, 422, "invalid_request")
    assert len(answer["body"]) < 2_000


def test_a_large_body_is_refused_before_it_is_verified() -> None:
    refused(call("coupon_redeem", request("x" * 4_097)), 413, "too_large")


@pytest.mark.parametrize("wanted", ["\0", "é", "I#openid#x", "K#", " "])
def test_a_code_of_any_characters_is_only_unknown(wanted: str) -> None:
    refused(redeem(wanted), 404, "not_found")


def test_fifty_tills_at_once_redeem_once(code: str) -> None:
    answers = at_once(50, lambda till: redeem(code, redemption=f"till-{till}"))
    statuses = [answer["statusCode"] for answer in answers if isinstance(answer, dict)]
    assert sorted(statuses) == [200] + [409] * 49


def test_endless_conflicts_mean_try_again(code: str) -> None:
    with line(lambda _, name: "conflict" if name == "TransactWriteItems" else None):
        refused(redeem(code), 503, "temporarily_unavailable")
    ((_, coupon),) = known(ANN).coupons
    assert coupon.redemption is None


def test_the_wallet_shows_what_became_of_each_coupon(code: str) -> None:
    def wallet(days: int = 0) -> Any:
        event = load("member_profile/coupons")
        at = NOW + timedelta(days=days)
        event["requestContext"]["timeEpoch"] = int(at.timestamp() * 1000)
        event["headers"]["authorization"] = f"Bearer {session.issue(ANN, at).token}"
        return body(call("member_profile", event))["coupons"]

    assert [(one["code"], one["status"], one["redemption"]) for one in wallet()] == [
        (code, "issued", None)
    ]
    assert [one["status"] for one in wallet(30)] == ["expired"]
    redeem(code)
    (used,) = wallet(30)
    assert used["status"] == "redeemed"
    assert used["redemption"] == {
        "store": STORE,
        "spend_minor": 12_800,
        "redeemed_at": "2026-11-22T04:00:00Z",
    }
