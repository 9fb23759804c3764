"""A member takes their data with them, or goes; nobody else can do either for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from siyu.api import session
from siyu.domain.consents import Consent, Purpose
from siyu.domain.contacts import Relation
from siyu.domain.schemes import Scheme
from siyu.services import identities
from siyu.services.erase_member import erase_member
from siyu.services.link_phone import link_phone
from siyu.services.merge_members import merge_members
from siyu.services.publish_scheme import publish
from siyu.services.record_consent import record_consent
from siyu.services.segment_members import segment_members
from siyu.storage import relations
from siyu.storage.transaction import Transaction
from tests.faults import line
from tests.functions.calls import (
    ANN,
    BOB,
    Event,
    body,
    call,
    join,
    load,
    refused,
    with_fields,
    with_headers,
    with_path,
)
from tests.services.shop import paid, receipt, refunded, settle
from tests.support import NOW, dump, kinds

NUMBER = "+8613800138000"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def ann() -> None:
    join(ANN, receipt(1), "openid-ann")


def at(event: Event, moment: datetime) -> Event:
    context = {**event["requestContext"], "timeEpoch": int(moment.timestamp() * 1000)}
    return {**event, "requestContext": context}


def ask_for_link() -> Any:
    return call("member_privacy", load("member_privacy/export"))


def fetch(token: str, moment: datetime = NOW) -> Any:
    event = with_path(load("member_privacy/download"), f"/v1/exports/{token}")
    return call("member_privacy", at(event, moment))


def export() -> Any:
    url = body(ask_for_link())["url"]
    return fetch(url.rpartition("/")[2])


def erase(**fields: Any) -> Any:
    return call("member_privacy", with_fields(load("member_privacy/erase"), **fields))


def test_a_link_leads_to_the_gateway_and_ends_after_a_quarter_of_an_hour() -> None:
    said = body(ask_for_link())
    domain = load("member_privacy/export")["requestContext"]["domainName"]
    assert said["url"].startswith(f"https://{domain}/v1/exports/ey")
    assert said["expires_at"] == "2026-11-22T04:15:00Z"
    token = said["url"].rpartition("/")[2]
    assert fetch(token, NOW + timedelta(minutes=15, seconds=-1))["statusCode"] == 200
    refused(fetch(token, NOW + timedelta(minutes=15)), 404, "not_found")


def test_the_file_holds_everything_and_is_kept_by_no_cache() -> None:
    join(BOB, receipt(2), "openid-bob", now=NOW + timedelta(hours=1), device="d")
    merge_members(ANN, BOB, "unionid", "proof", NOW)
    paid("1", 10_000, buyer_id="b", receipt_token=receipt(2), store_id="A1B")
    refunded("1", "r", 2_000)
    settle()
    link_phone(BOB, NUMBER, NOW)
    record_consent(ANN, Consent(Purpose.MARKETING, True, "1", "a" * 64, "mini_program", NOW, "m"))
    write = Transaction()
    relations.put(
        write,
        identities.mini_program_openid("openid-ann"),
        Relation("follower", None, NOW, version=1),
    )
    write.commit()
    answer = export()
    assert answer["statusCode"] == 200
    assert answer["headers"] == {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="siyu-export.json"',
        "Referrer-Policy": "no-referrer",
        "x-request-id": load("member_privacy/download")["requestContext"]["requestId"],
    }
    said = body(answer)
    assert [account["id"] for account in said["accounts"]] == [ANN, BOB]
    assert [account["identities"] for account in said["accounts"]] == [
        ["openid"],
        ["buyer", "openid", "phone"],
    ]
    assert said["accounts"][0]["first_touch"]["kind"] == "receipt"
    assert said["phones"] == [NUMBER]
    assert said["purchases"]["net_sales_minor"] == 8_000
    assert [order["order_id"] for order in said["orders"]] == ["1"]
    assert (said["orders"][0]["refunded_minor"], said["orders"][0]["store"]) == (2_000, "A1B")
    assert [coupon["status"] for coupon in said["coupons"]] == ["issued", "issued"]
    assert [consent["purpose"] for consent in said["consents"]] == ["marketing"]
    assert [relation["kind"] for relation in said["relations"]] == ["follower"]
    # Keyed hashes are of no use to anybody else, and of none to the member.
    assert identities.mini_program_openid("openid-ann")[1] not in answer["body"]


def test_the_file_holds_what_every_scheme_says_and_said_of_each_account() -> None:
    join(BOB, receipt(2), "openid-bob", now=NOW + timedelta(hours=1), device="d")
    publish(Scheme("north", window_days=90), "cat", NOW - 3 * DAY)
    segment_members(NOW.date() - DAY)
    paid("1", 10_000, buyer_id="b", receipt_token=receipt(2))
    settle()
    segment_members(NOW.date())
    merge_members(ANN, BOB, "unionid", "proof", NOW)
    new = {"stage": "new", "group": None, "aipl": "interest"}
    bought = {"stage": "first_purchase", "group": None, "aipl": "purchase"}
    said = {(one["account"], one["scheme"]): one for one in body(export())["segments"]}
    assert said.keys() == {(one, name) for one in (ANN, BOB) for name in ("default", "north")}
    for name in ("default", "north"):
        ann, bob = said[ANN, name], said[BOB, name]
        assert (ann["stands"]["label"], ann["stands"]["before"]) == (bought, new)
        assert [one["after"] for one in ann["history"]] == [new]
        assert (bob["stands"], [one["after"] for one in bob["history"]]) == (None, [bought, new])
        assert bob["history"][0]["monetary_minor"] == 10_000
    publish(Scheme("north", enabled=False), "cat", NOW)
    segment_members(NOW.date() + DAY)
    said = {(one["account"], one["scheme"]): one for one in body(export())["segments"]}
    assert (said[ANN, "north"]["stands"], len(said[ANN, "north"]["history"])) == (None, 1)


def test_a_session_is_no_link_and_a_link_is_no_session() -> None:
    token = body(ask_for_link())["url"].rpartition("/")[2]
    refused(fetch(session.issue(ANN, NOW).token), 404, "not_found")
    event = with_headers(load("member_profile/me"), authorization=f"Bearer {token}")
    refused(call("member_profile", event), 401, "not_signed_in")


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "eyJ", ".." * 9])
def test_a_link_that_is_none_is_not_found(token: str) -> None:
    refused(fetch(token), 404, "not_found")


def test_a_link_is_read_with_no_session_at_all() -> None:
    assert "authorization" not in load("member_privacy/download")["headers"]
    assert call("member_privacy", load("member_privacy/download"))["statusCode"] == 200


def test_afterwards_there_is_no_link_and_an_old_one_leads_nowhere() -> None:
    token = body(ask_for_link())["url"].rpartition("/")[2]
    erase_member(ANN, NOW)
    refused(ask_for_link(), 404, "not_found")
    refused(fetch(token), 404, "not_found")


def test_a_member_goes_and_is_no_more() -> None:
    answer = erase()
    assert (answer["statusCode"], body(answer)) == (202, {"status": "erased"})
    assert "IDENTITY" not in kinds()
    refused(call("member_profile", load("member_profile/me")), 404, "not_found")
    refused(erase(login_code="openid-ann.2"), 404, "not_found")


@pytest.mark.parametrize("code", ["openid-bob.1", "stranger.1", "openid-bob~openid-ann.1"])
def test_a_stolen_session_cannot_erase(code: str) -> None:
    join(BOB, receipt(2), "openid-bob")
    before = dump()
    refused(erase(login_code=code), 401, "login_refused")
    assert dump() == before


def test_a_fresh_login_without_a_session_cannot_erase() -> None:
    event = load("member_privacy/erase")
    del event["headers"]["authorization"]
    refused(call("member_privacy", event), 401, "not_signed_in")
    assert erase()["statusCode"] == 202  # the login code was not used up


def test_a_session_without_a_login_cannot_erase() -> None:
    event = load("member_privacy/erase")
    for text in ("", "{}", '{"login_code": ""}', '{"login_code": null}'):
        refused(call("member_privacy", {**event, "body": text}), 422, "invalid_request")
    assert kinds()["IDENTITY"] == 1


def test_endless_conflicts_mean_try_again() -> None:
    before = dump()
    with line(lambda _, name: "conflict" if name == "TransactWriteItems" else None):
        refused(erase(), 503, "temporarily_unavailable")
    assert dump() == before


def test_nothing_personal_is_logged(output: Callable[[], str]) -> None:
    link_phone(ANN, NUMBER, NOW)
    answer = export()
    refused(fetch("x"), 404, "not_found")
    erase()
    logged = output()
    for private in (NUMBER, "13800138000", "openid-ann", body(answer)["phones"][0], "eyJ"):
        assert private not in logged
    assert json.dumps(NUMBER) in answer["body"]
