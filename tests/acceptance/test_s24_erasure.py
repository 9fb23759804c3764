"""Scenario 24: a member with young orders, referrals and pending events has themselves erased; then
a late refund arrives."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from siyu.domain.ledger import member_account
from siyu.services import identities
from siyu.services.credit_referral import credit_referral, following
from siyu.services.link_phone import link_phone
from siyu.services.merge_members import merge_members
from siyu.services.segment_members import segment_members
from siyu.services.show_member import show_member
from siyu.storage import figures
from tests.faults import DEATHS, KilledError, at_call, line
from tests.functions.calls import (
    ANN,
    BOB,
    CAT,
    batch,
    body,
    call,
    join,
    load,
    message,
    refused,
    with_fields,
    with_path,
)
from tests.functions.make_events import changed
from tests.services.shop import door, paid, receipt, settle
from tests.support import NOW, dump, empty_table, forget_login_codes
from tests.written import unversioned

ANN_2, ZOE = "00000000000A2", "00000000000Z9"
NUMBER = "+8613800138000"
DONE: dict[str, Any] = {"batchItemFailures": []}
HASHES = [
    *(identities.mini_program_openid(name)[1] for name in ("openid-ann", "openid-ann-2")),
    identities.unionid("union-openid-ann")[1],
    identities.phone(NUMBER)[1],
    *(identities.buyer("shop", name)[1] for name in ("buyer-ann", "buyer-ann-2")),
]


@pytest.fixture(autouse=True)
def people() -> None:
    come_together()


def come_together() -> None:
    """Zoe sent Ann, Ann sent Bob; Ann turned out to have two accounts."""
    zoe = join(ZOE, receipt(90), "openid-zoe")
    paid("1", 10_000, buyer_id="buyer-ann", receipt_token=receipt(1))
    ann = join(ANN, receipt(1), "openid-ann", zoe.referral_code, unionid="union-openid-ann")
    paid("2", 20_000, buyer_id="buyer-ann-2", receipt_token=receipt(2))
    join(ANN_2, receipt(2), "openid-ann-2", device="phone-of-ann")
    merge_members(ANN, ANN_2, "unionid", "proof", NOW)
    paid("3", 40_000, receipt_token=receipt(3))
    join(BOB, receipt(3), "openid-bob", ann.referral_code)
    link_phone(ANN, NUMBER, NOW)
    call("member_consents", load("member_consents/agree"))
    settle()


def erase() -> Any:
    forget_login_codes()
    return call("member_privacy", load("member_privacy/erase"))


def stream() -> Any:
    """What the table's stream sets in motion: the order to erase, as it was inserted."""
    orders = [item for item in dump().values() if item["kind"]["S"] == "ERASURE"]
    return call("member_changes", changed(*(("INSERT", item) for item in orders)))


def worked(*texts: str) -> Any:
    return call("order_worker", batch(*texts))


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [item for item in dump().values() if item["kind"]["S"] == kind]


def ledger() -> dict[str, int]:
    """All that was ever posted, by account."""
    sums: dict[str, int] = {}
    for entry in of_kind("ENTRY"):
        amount = int(entry["amount_minor"]["N"])
        for side, sign in (("debit", -1), ("credit", 1)):
            sums[entry[side]["S"]] = sums.get(entry[side]["S"], 0) + sign * amount
    return sums


def traces() -> list[Any]:
    """Items of the raw table that hold a keyed hash of hers, the number or an id of WeChat's."""
    private = [*HASHES, NUMBER, "13800138000", "openid-ann", "buyer-ann"]
    return [
        (key, item["kind"]["S"])
        for key, item in dump().items()
        if any(text in json.dumps({**item, "": key}) for text in private)
    ]


def net() -> int:
    return figures.get_many({ANN})[ANN][0].figures.net_minor


def test_nothing_in_the_table_leads_to_her_and_no_sum_has_moved() -> None:
    sums, orders = ledger(), len(of_kind("ORDER"))
    assert len(traces()) > 8
    assert erase()["statusCode"] == 202
    assert stream() == DONE
    assert traces() == []
    assert (ledger(), len(of_kind("ORDER")), net()) == (sums, orders, 30_000)
    (erasure,) = of_kind("ERASURE")
    assert "done_at" in erasure
    assert "identities" not in erasure


def test_the_consent_log_is_kept_and_leads_to_nobody() -> None:
    before = of_kind("CONSENT")
    erase()
    stream()
    (consent,) = of_kind("CONSENT")
    assert consent == {key: value for key, value in before[0].items() if key != "address_mark"}


def test_neither_session_nor_link_opens_anything_afterwards() -> None:
    token = body(call("member_privacy", load("member_privacy/export")))["url"].rpartition("/")[2]
    erase()
    download = with_path(load("member_privacy/download"), f"/v1/exports/{token}")
    for _ in range(2):
        forget_login_codes()
        refused(call("member_privacy", download), 404, "not_found")
        for function, case in (
            ("member_privacy", "export"),
            ("member_profile", "me"),
            ("member_profile", "coupons"),
            ("member_consents", "read"),
            ("member_consents", "agree"),
            ("member_phone", "link"),
        ):
            refused(call(function, load(f"{function}/{case}")), 404, "not_found")
        stream()


def test_a_late_refund_is_posted_to_the_tombstone_and_its_referrer() -> None:
    pending = show_member(ZOE).balance.pending_minor
    erase()
    stream()
    late = message("order.refunded", "late", order_id="1", refund_id="r1", refunded_minor=4_000)
    assert worked(late) == DONE
    assert net() == 26_000
    assert credit_referral("shop#1", following({ANN}), NOW) == 1
    assert show_member(ZOE).balance.pending_minor == pending - 200
    # Her own credit for having sent Bob goes down too, though nobody can claim it any more.
    worked(message("order.refunded", "r3", order_id="3", refund_id="r3", refunded_minor=40_000))
    assert credit_referral("shop#3", following({BOB}), NOW) == 1
    assert ledger()[member_account(ANN, "pending")] == 0
    assert traces() == []


PENDING = [
    message("order.paid", "p1", order_id="1", paid_minor=10_000, buyer_id="buyer-ann"),
    message("order.completed", "p2", order_id="1"),
    message(
        "order.refunded",
        "p3",
        order_id="2",
        refund_id="r",
        refunded_minor=500,
        buyer_id="buyer-ann-2",
    ),
    message("order.cancelled", "p4", order_id="2"),
]


@pytest.mark.parametrize("text", PENDING)
def test_events_that_were_pending_bring_nobody_back(text: str) -> None:
    """The receipt is not on the repeated sale: another content, which goes to quarantine."""
    erase()
    worked(text)
    stream()
    worked(text)
    left = [where for where in traces() if where[1] != "QUARANTINE"]
    assert left == []


def test_the_night_counts_her_no_more() -> None:
    before = segment_members(NOW.date())[0].members
    erase()
    assert segment_members(NOW.date() + timedelta(days=1))[0].members == before - 1


@pytest.mark.parametrize(
    "login_code", ["openid-ann.2", "openid-ann-2.2", "openid-ann~.2", "openid-other~openid-ann.2"]
)
def test_she_may_come_back_but_gets_no_second_welcome(login_code: str) -> None:
    erase()
    stream()
    scan = with_fields(
        load("scan_signup/store"),
        token=door(),
        login_code=login_code,
        referral_code=join(CAT, receipt(70), "openid-cat").referral_code,
    )
    said = body(call("scan_signup", scan))
    assert said["member"]["joined"] is True
    assert said["member"]["id"] not in (ANN, ANN_2)
    assert (said["coupon"], said["benefit"]) == (None, {"status": "returning_customer"})
    assert said["referral"] == {"status": "returning_customer", "coupon": None}


def end_state() -> dict[Any, Any]:
    return {key: unversioned(item) for key, item in dump().items()}


@pytest.mark.parametrize("accident", DEATHS)
def test_a_function_that_dies_while_it_erases_is_done_again(accident: str) -> None:
    """Whoever was not told that they are erased asks again; the stream finishes either way."""
    with line() as calls:
        erase()
    for number in range(1, len(calls.calls) + 1):
        empty_table()
        come_together()
        with line(at_call(number, accident)), pytest.raises(KilledError):
            erase()
        begun = bool(of_kind("ERASURE"))
        assert erase()["statusCode"] == (404 if begun else 202)
        assert stream() == DONE
        assert traces() == []
        assert net() == 30_000
