"""Scenario 23: what tills, senders, WeChat and WeCom sign, signed by everybody else.

The routes are those of the OpenAPI document (tests/acceptance/matrix.py).
"""

from __future__ import annotations

import base64

import pytest

from siyu.api import session
from siyu.domain.keys import session_key
from siyu.domain.standard_webhooks import sign
from siyu.services.verify_till import till_secret
from tests.acceptance.matrix import (
    CALLBACKS,
    CAPTURE,
    SIGNED,
    TILLS,
    VOID,
    Route,
    ask,
    body_of,
    refused,
)
from tests.functions.calls import BOB, TIMESTAMP
from tests.services.shop import MASTER_KEY, STORE
from tests.support import NOW, WEBHOOK_SECRET, dump

KEY = session_key(MASTER_KEY, "brand", "1")


def signed(secret: str, text: str, at: int = TIMESTAMP) -> dict[str, str]:
    signature = sign(secret, "id-1", at, text.encode())
    return {"webhook-id": "id-1", "webhook-timestamp": str(at), "webhook-signature": signature}


FOREIGN = {
    "till of another store": till_secret("B2C", 1),
    "this store's next key": till_secret(STORE, 2),
    "a session key": "whsec_" + base64.b64encode(KEY).decode(),
    "nothing": "whsec_",
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("route", SIGNED, ids=" ".join)
def test_a_signature_of_somebody_elses_opens_nothing(route: Route, name: str, bobs: str) -> None:
    stored = dump()
    text = body_of(route, BOB, bobs)
    headers = signed(FOREIGN[name], text)
    refused(ask(route, bobs, headers=headers), {401}, bobs, stored=stored)
    bearer = {"authorization": f"Bearer {session.issue(BOB, NOW).token}"}
    refused(ask(route, bobs, headers={**headers, **bearer}), {401}, bobs, stored=stored)


def test_a_till_is_no_shop_and_a_shop_no_till(bobs: str) -> None:
    stored = dump()
    for route in SIGNED:
        secret = WEBHOOK_SECRET if route in TILLS else till_secret(STORE, 1)
        headers = signed(secret, body_of(route, BOB, bobs))
        refused(ask(route, bobs, headers=headers), {401}, bobs, stored=stored)


@pytest.mark.parametrize("change", ["body", "id", "timestamp", "late", "scheme"])
@pytest.mark.parametrize("route", SIGNED, ids=" ".join)
def test_a_signed_request_holds_as_it_was_signed_only(route: Route, change: str, bobs: str) -> None:
    secret = till_secret(STORE, 1) if route in TILLS else WEBHOOK_SECRET
    text, stored = body_of(route, BOB, bobs), dump()
    headers = signed(secret, text, TIMESTAMP - 301 if change == "late" else TIMESTAMP)
    match change:
        case "body":
            text = text.replace("1", "2", 1)
        case "id":
            headers["webhook-id"] = "id-2"
        case "timestamp":
            headers["webhook-timestamp"] = str(TIMESTAMP + 1)
        case "scheme":
            headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v1a,")
    refused(ask(route, bobs, text, headers=headers), {401}, bobs, stored=stored)


@pytest.mark.parametrize("route", TILLS, ids=" ".join)
def test_a_tills_request_holds_at_its_own_store_only(route: Route, bobs: str) -> None:
    stored = dump()
    headers = signed(till_secret(STORE, 1), body_of(route, BOB, bobs))
    refused(ask(route, bobs, headers=headers, store="B2C"), {401}, bobs, stored=stored)


@pytest.mark.parametrize("route", [CAPTURE, VOID], ids=" ".join)
def test_a_till_of_another_store_finds_no_hold_of_this_one(route: Route, bobs: str) -> None:
    stored = dump()
    headers = signed(till_secret("B2C", 1), body_of(route, BOB, bobs))
    refused(ask(route, bobs, headers=headers, store="B2C"), {404}, bobs, stored=stored)


@pytest.mark.parametrize("route", CALLBACKS, ids=" ".join)
def test_a_callback_that_wechat_did_not_sign_tells_and_changes_nothing(
    route: Route, bobs: str
) -> None:
    stored, names = dump(), ("msg_signature", "signature")
    forged = "&".join(f"{name}={'0' * 40}" for name in names)
    query = f"{forged}&timestamp={TIMESTAMP}&nonce=1&encrypt_type=aes&echostr=AAAA"
    refused(ask(route, bobs, query=query), {401}, bobs, stored=stored)
