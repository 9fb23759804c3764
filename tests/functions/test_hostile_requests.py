"""Whatever is sent to the open routes, the answer is a refusal of the usual shape, and a small one.

An error that is not caught counts as a fault of ours: anybody could set off the alarm.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest

from tests.functions.calls import (
    batch,
    body,
    call,
    envelope,
    load,
    refused,
    signed,
    with_body,
    with_fields,
    with_headers,
    with_path,
)
from tests.services.shop import receipt
from tests.support import kinds, receive

SCAN = load("scan_signup/receipt")
LARGE = 1_000_000
UNREADABLE: dict[str, str | bytes] = {
    "empty": "",
    "blank": " ",
    "half": "{",
    "list": "[]",
    "null": "null",
    "number": "1",
    "NUL": "\0",
    "byte order mark": "\ufeff{}",
    "deep list": "[" * 100_000,
    "deep object": '{"token":' * 100_000,
    "deep and closed": "[" * 5_000 + "]" * 5_000,
    "deep field": '{"token": ' + "[" * 400 + "]" * 400 + "}",
    "huge integer": '{"token": ' + "9" * 5_000 + "}",
    "large integer": '{"token": ' + "9" * 4_000 + "}",
    "huge exponent": '{"token": 1e999999}',
    "infinity": '{"token": Infinity, "login_code": NaN}',
    "lone surrogate": '{"token": "\\ud800", "login_code": "\\udfff"}',
    "lone surrogate as it is": '{"token": "\ud800"}',
    "lone surrogate in a name": '{"\\ud800": 1}',
    "many names": json.dumps({f"name{number}": 0 for number in range(100_000)}),
    "long name": json.dumps({"n" * LARGE: 0}),
    "base64": b"{",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_body_that_makes_no_sense_is_refused_in_a_few_words(text: str | bytes) -> None:
    answer = call("scan_signup", with_body(SCAN, text))
    refused(answer, 422, "invalid_request")
    assert len(answer["body"]) < 3_000


def test_a_body_that_is_no_text_is_malformed() -> None:
    refused(call("scan_signup", with_body(SCAN, b"\xff\xfe")), 400, "malformed_request")


LONG: list[dict[str, Any]] = [
    {"token": "x" * 65},
    {"token": "x" * LARGE},
    {"login_code": "x" * 129},
    {"referral_code": "x" * 100_000},
    {"referral_code": "\ud800"},
    {"referral_code": ["x"]},
    {"token": True},
    {"token": {"token": receipt(1)}},
    {"member_id": "0000000000000"},
]


@pytest.mark.parametrize("fields", LONG, ids=lambda fields: ascii(fields)[:30])
def test_a_field_beyond_its_limits_is_refused(fields: dict[str, Any]) -> None:
    refused(call("scan_signup", with_fields(SCAN, **fields)), 422, "invalid_request")
    assert kinds() == {}


def test_of_a_field_given_twice_the_last_counts_and_is_checked_like_any() -> None:
    text = SCAN["body"][:-1] + ', "token": "x"}'
    refused(call("scan_signup", with_body(SCAN, text)), 404, "code_not_valid")


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/xml", "text/<script>", "x\ud800", "application/js"],
    ids=ascii,
)
def test_a_body_of_another_type_is_refused(kind: str) -> None:
    answer = call("scan_signup", with_headers(SCAN, content_type=kind))
    refused(answer, 415, "unsupported_media_type")
    assert "application/json" in body(answer)["title"]


FORMS = [
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=",
]


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("text", ["token=x&login_code=y", "--x\r\n\r\n中--x--", b"\xff"])
def test_a_form_is_no_scan(kind: str, text: str | bytes) -> None:
    event = with_headers(with_body(SCAN, text), content_type=kind)
    refused(call("scan_signup", event), 415, "unsupported_media_type")


PATHS = ["/v1/scans/", "/v1//scans", "/v1/scans/x", "/v1/scans%2F", "/V1/SCANS", "/", "", "\ud800"]


@pytest.mark.parametrize("path", PATHS, ids=ascii)
@pytest.mark.parametrize("name", ["scan_signup/receipt", "member_profile/me"])
def test_a_path_that_is_no_route_is_not_found(name: str, path: str) -> None:
    event = with_path(load(name), path)
    refused(call(name.split("/", 1)[0], event), 404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "X", ""])
@pytest.mark.parametrize("name", ["scan_signup/receipt", "member_profile/me", "order_webhook/paid"])
def test_a_method_that_is_no_route_is_not_found(name: str, method: str) -> None:
    event = load(name)
    event["requestContext"]["http"]["method"] = method
    refused(call(name.split("/", 1)[0], event), 404, "not_found")


def test_headers_of_any_size_and_kind_change_nothing() -> None:
    odd = {
        "x-" + "n" * 8_000: "v" * 8_000,
        "": "",
        "x-é": "\ud800",
        "X-HTTP-Method-Override": "PUT",
    }
    event = {**SCAN, "headers": {**SCAN["headers"], **odd}}
    assert call("scan_signup", event)["statusCode"] == 200
    webhook = load("order_webhook/paid")
    webhook = {**webhook, "headers": {**webhook["headers"], **odd}}
    assert call("order_webhook", webhook)["statusCode"] == 202
    assert len(receive()) == 1


def test_a_request_without_headers_is_one_without_a_session() -> None:
    event = load("member_profile/me")
    del event["headers"]
    refused(call("member_profile", event), 401, "not_signed_in")


def test_an_authentic_bomb_is_refused_or_ends_in_quarantine() -> None:
    bomb = signed(load("order_webhook/paid"), "[" * 200_000)
    assert call("order_webhook", bomb)["statusCode"] == 422
    deep = "[" * 900 + "]" * 900
    assert call("order_webhook", signed(bomb, deep))["statusCode"] == 202
    packed = {"packed": base64.b64encode(zlib.compress(b" " * 2**26)).decode()}
    zipped = json.dumps({**json.loads(envelope("")), "body": None, **packed})
    assert call("order_worker", batch(*receive(), zipped)) == {"batchItemFailures": []}
    assert kinds() == {"QUARANTINE": 2}


def test_what_is_refused_names_no_value_that_was_sent() -> None:
    secret = "0123456789-not-to-be-echoed"
    fields = {"token": [secret], "login_code": {secret[:5]: secret}, "referral_code": 1}
    answer = call("scan_signup", with_fields(SCAN, **fields))
    refused(answer, 422, "invalid_request")
    assert secret not in answer["body"]
    assert len(body(answer)["errors"]) == 3
