"""Operators look at credits in doubt by the console's API and decide; nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from siyu.api import console, session
from siyu.errors import NoteNeededError, NothingToDecideError
from siyu.services.referrer_standing import set_standing
from tests.books import check_books
from tests.functions.calls import (
    ANN,
    BOB,
    body,
    call,
    join,
    refused,
    with_body,
    with_fields,
    with_headers,
    with_path,
)
from tests.functions.console_calls import lines
from tests.functions.console_events import bearer
from tests.functions.make_events import http
from tests.functions.review_events import CREDIT, PATH
from tests.functions.reviewing import EVENTS, OPERATOR, ask, doubted, told
from tests.services.doubts import credit
from tests.services.shop import paid, receipt, refunded, settle
from tests.support import NOW, dump

WITH_TOKEN = ["list", "show", "approve", "fraud"]


def test_one_says_all_that_it_was_decided_from(output: Callable[[], str]) -> None:
    doubted()
    refunded("1", "r1", 3_333)
    refunded("1", "r2", 3_334)
    settle()
    shown = told(EVENTS["show"])["credit"]
    assert (shown["paid_minor"], shown["net_minor"], shown["granted_minor"]) == (
        *(10_000, 3_333),
        500,
    )
    assert shown["evidence"]["share_of_order"] == 500
    assert shown["evidence"]["friends_a_day"] == 1
    assert shown["checks"]["share_bp"] == 100
    assert shown["refunds"] == [
        {"order_key": "shop#1", "refund_id": "r1", "refunded_minor": 3_333, "share_minor": 167},
        {"order_key": "shop#1", "refund_id": "r2", "refunded_minor": 3_334, "share_minor": 167},
    ]
    assert (shown["reversed_minor"], shown["otherwise_reversed_minor"]) == (334, 0)
    moved = [(one["kind"], one["amount_minor"]) for one in shown["entries"]]
    assert sorted(moved) == [("earn", 500), ("reverse", 334)]
    (line,) = lines(output(), "credit_shown")
    assert (line["operator"], line["order_key"]) == ("cat", "shop#1")


def test_one_shows_its_own_entries_alone() -> None:
    doubted("1", "1:2", "10")
    (entry,) = told(EVENTS["show"])["credit"]["entries"]
    assert entry == {
        "id": "shop#1:earn:1",
        "kind": "earn",
        "debit": "programme:2026-2",
        "credit": f"member:{ANN}:pending",
        "amount_minor": 500,
        "posted_at": "2026-11-22T04:00:00Z",
    }


def test_what_is_approved_is_kept_and_the_note_stays_out_of_the_log(
    output: Callable[[], str],
) -> None:
    doubted()
    done = told(EVENTS["approve"])
    assert (done["verdict"], done["decision"], done["kept_minor"]) == ("approve", "review", 500)
    assert done["status"] == "pending"
    assert done["ruling"] == {
        "verdict": "approve",
        "reasons": ["share_of_order"],
        "by": "cat",
        "at": "2026-11-22T04:00:00Z",
        "note": "a regular",
        "fraud": False,
    }
    before = dump()
    assert told(EVENTS["approve"]) == done
    assert dump() == before
    assert told(EVENTS["list"])["credits"] == []
    logged = output()
    first, again = lines(logged, "credit_decided")
    decided = (first["operator"], first["order_key"], first["verdict"])
    assert decided == ("cat", "shop#1", "approve")
    assert again["fraud"] is False
    assert "a regular" not in logged


def test_a_fraud_is_taken_back_and_told_of_the_referrer() -> None:
    doubted()
    done = told(EVENTS["fraud"])
    assert (done["verdict"], done["kept_minor"], done["otherwise_reversed_minor"]) == (
        *("block", 0),
        500,
    )
    of_ann = http("GET", f"/v1/console/referrers/{ANN}", **OPERATOR)
    assert body(call("console_referrer", of_ann))["standing"]["frauds"] == ["shop#1"]
    check_books()


def test_one_says_what_it_comes_to_in_a_word() -> None:
    doubted()
    assert told(EVENTS["list"])["credits"][0]["status"] == "in_review"
    told(EVENTS["approve"])
    set_standing(ANN, NOW + timedelta(hours=1), suspended=True)
    assert told(EVENTS["show"])["credit"]["status"] == "frozen"


def test_what_is_told_of_a_sale_is_answered_for_the_sale() -> None:
    doubted()
    paid("1", 10_000, buyer_id="b", payment_id="42")
    done = told(EVENTS["fraud"])
    assert (done["order_key"], done["status"]) == ("~sale#42", "blocked")


def test_what_the_rules_let_through_is_not_approved_and_is_blocked_with_a_note() -> None:
    code = join(ANN, receipt(1), "openid-ann").referral_code
    paid("1", 10_000, buyer_id="b", receipt_token=receipt(2))
    join(BOB, receipt(2), "openid-bob", code)
    settle()
    before = dump()
    refused(ask(EVENTS["approve"]), 409, "nothing_to_decide", detail=NothingToDecideError.detail)
    unsaid = with_fields(EVENTS["fraud"], note="")
    refused(ask(unsaid), 409, "note_needed", detail=NoteNeededError.detail)
    assert dump() == before
    done = told(EVENTS["fraud"])
    assert (done["status"], done["kept_minor"]) == ("blocked", 0)


@pytest.mark.parametrize(
    "name", ["c2hvcCMy", "c2hvcCMx=", "c2hvcCM", "shop%23", "_w", "x" * 3_000, "~", "c2hvcCNB"]
)
@pytest.mark.parametrize("case", ["show", "approve"])
def test_what_is_no_credit_is_not_found(case: str, name: str) -> None:
    doubted()
    path = EVENTS[case]["rawPath"].replace(CREDIT, f"{PATH}/{name}")
    refused(ask(with_path(EVENTS[case], path)), 404, "not_found")


@pytest.mark.parametrize("token", [None, "x", session.issue(ANN, NOW).token])
@pytest.mark.parametrize("case", WITH_TOKEN)
def test_whoever_is_no_operator_learns_and_changes_nothing(case: str, token: str | None) -> None:
    doubted()
    before = dump()
    event = with_headers(EVENTS[case], authorization=f"Bearer {token}" if token else "")
    refused(ask(event), 401, "not_signed_in")
    refused(ask(EVENTS["no_token"]), 401, "not_signed_in")
    assert dump() == before


@pytest.mark.parametrize(
    "fields",
    [
        *({"verdict": "review"}, {"verdict": None}, {"fraud": "true"}, {"fraud": 1}),
        *({"verdict": "approve", "fraud": True}, {"note": "n" * 201}, {"note": None}),
        *({"by": "bob"}, {"reasons": []}, {"note": "\ud800"}),
    ],
)
def test_a_decision_that_makes_no_sense_decides_nothing(fields: dict[str, Any]) -> None:
    doubted()
    before = dump()
    refused(ask(with_fields(EVENTS["fraud"], **fields)), 422, "invalid_request")
    refused(ask(with_body(EVENTS["fraud"], "[]")), 422, "invalid_request")
    assert dump() == before


def test_who_decided_is_said_by_the_token_and_when_by_the_gateway() -> None:
    doubted()
    at = NOW + timedelta(hours=3)
    token = bearer(console.issue("Bob · 运营", at).token)["authorization"]
    context = {**EVENTS["fraud"]["requestContext"], "timeEpoch": int(at.timestamp() * 1000)}
    told(with_headers({**EVENTS["fraud"], "requestContext": context}, authorization=token))
    ruling = credit().ruling
    assert ruling is not None
    assert (ruling.by, ruling.at) == ("Bob · 运营", at)
