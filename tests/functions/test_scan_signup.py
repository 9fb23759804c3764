"""POST /v1/scans: who gets in, who is refused, and what a refusal gives away (nothing)."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from siyu.domain.codes import Code, CodeKind, mint, receipt_code
from siyu.domain.keys import store_code_key
from siyu.services import codes
from siyu.services.erase_member import erase_member
from tests.faults import line
from tests.functions.calls import ANN, body, call, join, load, refused, with_fields
from tests.services.newcomers import GIFT, publish
from tests.services.shop import KEY, TODAY, door, paid, receipt, scan
from tests.support import NOW, SECRETS, WECHAT_SECRET, forget_login_codes, kinds

CLOSED = "http://127.0.0.1:9"


def signup(**fields: Any) -> Any:
    return call("scan_signup", with_fields(load("scan_signup/receipt"), **fields))


def test_a_first_scan_answers_with_all_that_the_mini_program_shows() -> None:
    paid("1", 5_000, buyer_id="b", receipt_token=receipt(1))
    answer = call("scan_signup", load("scan_signup/receipt"))
    assert answer["statusCode"] == 200
    assert answer["headers"].keys() == {"Content-Type", "x-request-id"}
    assert answer["headers"]["Content-Type"] == "application/json"
    said = body(answer)
    assert said["member"]["joined"] is True
    assert said["claim"] == {"status": "claimed"}
    assert said["referral"] == {"status": "none", "coupon": None}
    assert said["session"]["expires_at"] == "2026-11-22T06:00:00Z"
    assert (said["coupon"]["value_minor"], said["coupon"]["expires_at"]) == (
        1_000,
        (NOW + timedelta(days=30)).isoformat().replace("+00:00", "Z"),
    )


def test_the_session_of_a_scan_opens_the_members_own_page() -> None:
    said = body(call("scan_signup", load("scan_signup/receipt")))
    event = load("member_profile/me")
    event["headers"]["authorization"] = f"Bearer {said['session']['token']}"
    assert body(call("member_profile", event))["id"] == said["member"]["id"]


def test_a_store_code_and_a_base64_body_sign_up_too() -> None:
    door()
    assert body(call("scan_signup", load("scan_signup/store")))["claim"] == {"status": "none"}
    forget_login_codes()
    again = body(call("scan_signup", load("scan_signup/base64")))
    assert (again["member"]["joined"], again["coupon"]) == (False, None)
    assert again["claim"] == {"status": "pending"}


def test_the_same_receipt_again_is_the_same_member_without_a_second_coupon() -> None:
    first = body(signup(login_code="openid-ann.1"))
    again = body(signup(login_code="openid-ann.2"))
    assert again["member"] == {**first["member"], "joined": False}
    assert again["coupon"] is None


def test_a_referral_is_bound_and_a_wrong_code_does_not_stop_a_signup() -> None:
    ann = body(signup(login_code="openid-ann.1"))
    code = ann["member"]["referral_code"]
    bob = body(signup(token=receipt(2), login_code="openid-bob.1", referral_code=code))
    cat = body(signup(token=receipt(3), login_code="openid-cat.1", referral_code=receipt(3)))
    assert bob["referral"] == {"status": "bound", "coupon": None}
    assert (cat["referral"]["status"], cat["member"]["joined"]) == ("code_not_valid", True)


def test_a_friend_who_was_sent_is_shown_the_coupon_of_the_programme() -> None:
    publish()
    code = body(signup(login_code="openid-ann.1", device_id="device-1"))["member"]["referral_code"]
    fields = {"login_code": "openid-bob.1", "device_id": "device-2", "referral_code": code}
    bob = body(signup(token=receipt(2), **fields))
    gift = bob["referral"]["coupon"]
    assert (gift["benefit"], gift["value_minor"], gift["min_spend_minor"]) == (
        GIFT.name,
        GIFT.value_minor,
        GIFT.min_spend_minor,
    )
    assert gift["code"] != bob["coupon"]["code"]


def test_a_friend_on_the_referrers_own_device_joins_and_is_told_why_it_earns_nothing() -> None:
    publish()
    code = body(signup(login_code="openid-ann.1", device_id="device-1"))["member"]["referral_code"]
    fields = {"login_code": "openid-bob.1", "device_id": "device-1", "referral_code": code}
    bob = body(signup(token=receipt(2), **fields))
    assert (bob["member"]["joined"], bob["benefit"]) == (True, {"status": "given"})
    assert bob["referral"] == {"status": "same_device", "coupon": None}


def test_all_codes_that_are_not_ours_to_scan_get_the_same_bytes() -> None:
    """Nor those of friends who are gone, or never were."""
    zoe = scan(receipt(9), "zoe")
    erase_member(zoe.member_id, NOW)
    never_joined = codes.referral_token("00000000000Z9")
    revoked = mint(receipt_code("A1B", TODAY, 1, key_version=2), KEY)
    foreign = mint(
        receipt_code("A1B", TODAY, 1),
        store_code_key(str(SECRETS["master_key"]).encode(), "other brand", "A1B", 1),
    )
    no_kind = "S" + receipt(1)[1:]
    friends = [zoe.referral_code, never_joined]
    tokens = [*friends, revoked, foreign, no_kind, "x", "0" * 30, "\0" * 30, "１" * 30]
    answers = [
        signup(token=token, login_code=f"openid-eve.{number}")
        for number, token in enumerate(tokens)
    ]
    answers.append(call("scan_signup", load("scan_signup/forged")))
    refused(answers[0], 404, "code_not_valid")
    assert all(answer == answers[0] for answer in answers)
    assert kinds()["PROFILE"] == 1


def test_every_changed_character_of_a_token_is_refused() -> None:
    token = receipt(1)
    for place in range(len(token)):
        other = "7" if token[place] != "7" else "8"
        refused(signup(token=token[:place] + other + token[place + 1 :]), 404, "code_not_valid")
    assert kinds() == {}


def test_a_token_with_a_payload_of_the_wrong_kind_is_refused() -> None:
    """A till's key signs anything its store prints, but no member's code."""
    forged = mint(Code(CodeKind.MEMBER, 1, "A1B0000000001"), KEY)
    refused(signup(token=forged), 404, "code_not_valid")


def test_the_second_claimer_learns_nothing_about_the_first() -> None:
    ann = join(ANN, receipt(1), "openid-ann")
    answer = signup(login_code="openid-bob.1")
    refused(answer, 409, "already_claimed")
    assert ann.member_id not in json.dumps(answer)
    assert kinds()["PROFILE"] == 1


def test_a_login_code_works_once() -> None:
    assert call("scan_signup", load("scan_signup/receipt"))["statusCode"] == 200
    refused(call("scan_signup", load("scan_signup/receipt")), 401, "login_refused")


@pytest.mark.parametrize("code", ["errcode.40226", "unknown", "a\0b.1", "a\r\nHost: x", "é.1"])
def test_a_login_code_that_wechat_refuses_signs_nobody_up(code: str) -> None:
    refused(signup(login_code=code), 401, "login_refused")
    assert kinds() == {}


@pytest.mark.parametrize("code", ["errcode.-1", "errcode.45011"])
def test_a_busy_wechat_means_try_again(code: str) -> None:
    refused(signup(login_code=code), 503, "temporarily_unavailable")
    assert kinds() == {}


def test_a_silent_wechat_means_try_again_and_no_secret_is_logged(
    wechat_at: Callable[[str], None], output: Callable[[], str]
) -> None:
    """urllib3 logs the URL of every retry, and with it the app secret."""
    wechat_at(CLOSED)
    refused(signup(login_code="openid-ann.secret-code"), 503, "temporarily_unavailable")
    logged = output()
    assert "WeChat did not answer" in logged
    for private in (WECHAT_SECRET, "jscode2session", "secret-code", "openid-ann"):
        assert private not in logged


@contextmanager
def answering(reply: bytes, status: int = 200) -> Iterator[str]:
    """A WeChat that answers everything with `reply`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.mark.parametrize("reply", [b"<html>502</html>", b"[]", b"", b"\xff", b"[" * 100_000])
def test_an_answer_that_is_not_wechats_means_try_again(
    wechat_at: Callable[[str], None], reply: bytes
) -> None:
    with answering(reply) as origin:
        wechat_at(origin)
        refused(signup(), 503, "temporarily_unavailable")


@pytest.mark.parametrize("reply", [b"{}", b'{"openid": ""}', b'{"openid": 7}', b'{"errcode": 1}'])
def test_an_answer_without_an_openid_signs_nobody_up(
    wechat_at: Callable[[str], None], reply: bytes
) -> None:
    with answering(reply) as origin:
        wechat_at(origin)
        refused(signup(), 401, "login_refused")
    assert kinds() == {}


def test_a_wechat_that_hangs_is_given_up_within_the_functions_time(
    wechat_at: Callable[[str], None],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        wechat_at(f"http://127.0.0.1:{mute.getsockname()[1]}")
        refused(signup(), 503, "temporarily_unavailable")


def test_endless_conflicts_mean_try_again() -> None:
    with line(lambda _, name: "conflict" if name == "TransactWriteItems" else None):
        refused(signup(), 503, "temporarily_unavailable")
    assert kinds() == {}


def test_fields_that_are_missing_wrong_or_unknown_are_named() -> None:
    answer = signup(token=None, login_code="", openid="somebody")
    refused(answer, 422, "invalid_request")
    named = [error["field"] for error in body(answer)["errors"]]
    assert named == ["body.token", "body.login_code", "body.openid"]
