"""/v1/stores/{store}/holds: a till takes credit by a code that it is shown, and learns no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.api import console, session
from siyu.domain.money import MAX_AMOUNT_MINOR
from siyu.services.erase_member import erase_member
from siyu.services.verify_till import till_secret
from tests.faults import line
from tests.functions.calls import ANN, BOB, body, call, join, refused, with_path
from tests.functions.tills import (
    CAPTURE,
    HOLD,
    NAME,
    VOID,
    capture,
    code,
    hold,
    send,
    states,
    void,
)
from tests.services.purse import earn
from tests.services.shop import STORE, receipt
from tests.support import NOW, WEBHOOK_SECRET, at_once, dump


@pytest.fixture(autouse=True)
def ann() -> None:
    join(ANN, receipt(1), "openid-ann")
    earn(ANN, "a1", 1_000)


def test_the_events_on_disk_hold_capture_and_void() -> None:
    answer = call("credit_spend", HOLD)
    assert answer["statusCode"] == 200
    assert answer["headers"].keys() == {"Content-Type", "x-request-id"}
    said = {
        "status": "held",
        "hold": NAME,
        "held_minor": 600,
        "captured_minor": 0,
        "lapses_on": "2026-11-23",
    }
    assert body(answer) == said
    assert states() == (400, 600, 0)
    assert body(call("credit_spend", CAPTURE)) == {
        **said,
        "status": "captured",
        "captured_minor": 500,
    }
    assert states() == (500, 0, 500)
    assert body(call("credit_spend", VOID)) == {**said, "status": "voided"}
    assert states() == (1_000, 0, 0)


def test_a_request_whose_answer_was_lost_is_answered_after_the_code_is_over() -> None:
    first = hold()
    assert hold(later=3_600) == first
    refused(hold(name="till-1-0009", later=3_600), 404, "code_not_valid")
    refused(hold(shown=code(BOB), later=3_600), 409, "hold_id_used")
    assert states() == (400, 600, 0)


def test_a_till_that_asks_for_too_much_learns_what_there_is() -> None:
    for _ in "ab":
        refused(hold(1_001), 409, "credit_not_enough", spendable_minor=1_000)
    assert hold(1_000)["statusCode"] == 200
    refused(hold(1, "h2"), 409, "credit_not_enough", spendable_minor=0)


def test_neither_a_used_code_nor_anybody_but_the_till_learns_it() -> None:
    shown = code()
    hold(shown=shown)
    refused(hold(1_001, "h2", shown=shown), 409, "code_used")
    refused(hold(1_001, "h2", secret=till_secret("B2C", 1)), 401, "signature_not_valid")
    refused(hold(1_001, "h2", shown=code(lifetime=timedelta(0))), 404, "code_not_valid")


def test_other_refusals_say_why_and_tell_no_balance() -> None:
    refused(hold(12_801), 409, "more_than_purchase")
    refused(capture(), 404, "not_found")
    refused(void(), 404, "not_found")
    hold()
    refused(hold(601), 409, "hold_id_used")
    refused(capture(601), 409, "more_than_held")
    assert capture(500)["statusCode"] == 200
    assert capture(500)["statusCode"] == 200
    refused(capture(600), 409, "hold_captured")
    assert void() == void()
    refused(capture(500), 409, "hold_voided")
    assert states() == (1_000, 0, 0)


def test_only_a_code_of_the_wallet_pays() -> None:
    before = dump()
    for shown in (
        session.issue(ANN, NOW).token,
        console.issue("ann", NOW).token,
        code(audience="export"),
        code(lifetime=timedelta(0)),
        code()[:-2],
        "x",
    ):
        refused(hold(shown=shown), 404, "code_not_valid")
    refused(hold(shown=code("0000000000ZZZ")), 404, "not_found")
    assert dump() == before


def test_an_erased_member_pays_no_more_and_a_standing_hold_is_settled() -> None:
    hold()
    erase_member(ANN, NOW)
    refused(hold(name="till-1-0009"), 404, "not_found")
    assert body(hold()) == {**body(hold()), "status": "held"}
    assert capture()["statusCode"] == 200
    assert states() == (500, 0, 500)


@pytest.mark.parametrize(
    "secret", [till_secret("B2C", 1), till_secret(STORE, 2), WEBHOOK_SECRET, "whsec_"]
)
def test_only_the_stores_own_till_is_heard(secret: str) -> None:
    hold()
    before = dump()
    for answer in (hold(100, "h2", secret=secret), capture(secret=secret), void(secret=secret)):
        refused(answer, 401, "signature_not_valid")
    assert dump() == before


def test_a_till_settles_holds_of_its_own_store_only() -> None:
    hold()
    for event, content in ((CAPTURE, {"hold": NAME, "amount_minor": 500}), (VOID, {"hold": NAME})):
        theirs = with_path(event, event["rawPath"].replace(STORE, "B2C"))
        answer = send(theirs, content, "till-1-0004", secret=till_secret("B2C", 1))
        refused(answer, 404, "not_found")
    assert states() == (400, 600, 0)


@pytest.mark.parametrize("name", ["x", "é", "a.b", "H" * 129, "a b", "till-1-0001%00", "a:b~_-"])
def test_a_hold_of_any_name_is_only_unknown(name: str) -> None:
    refused(void(name), 404, "not_found")
    refused(capture(name=name), 404, "not_found")


def test_an_id_may_hold_all_that_the_standard_allows() -> None:
    name = "Az09_:~-" * 16
    assert hold(name=name)["statusCode"] == 200
    assert body(capture(name=name))["hold"] == name


@pytest.mark.parametrize("amount", [0, -1, 1.5, 600.0, "600", True, None, 10**400, [], {}])
def test_an_amount_is_a_whole_number_above_nothing(amount: Any) -> None:
    assert hold(1)["statusCode"] == 200
    for answer in (hold(amount, "h2"), capture(amount)):
        refused(answer, 422, "invalid_request")
        assert [error["field"] for error in body(answer)["errors"]] == ["body.amount_minor"]
    refused(hold(MAX_AMOUNT_MINOR + 1, "h2"), 422, "invalid_request")


@pytest.mark.parametrize("content", ["{", "[]", "null", b"\xff\xfe", "[" * 4_000, '{"x": 1}'])
def test_a_signed_body_that_makes_no_sense_is_refused(content: str | bytes) -> None:
    hold()
    for answer in (send(HOLD, content, "h2"), send(CAPTURE, content, "h3"), void(content=content)):
        refused(answer, 422, "invalid_request")
        assert len(answer["body"]) < 2_000


def test_what_was_signed_for_a_capture_is_no_void_and_the_other_way_round() -> None:
    hold()
    refused(void(content={"hold": NAME, "amount_minor": 500}), 422, "invalid_request")
    refused(send(CAPTURE, {"hold": NAME}, "till-1-0003"), 422, "invalid_request")
    assert void()["statusCode"] == 200


def test_what_was_signed_for_one_hold_is_for_no_other() -> None:
    hold()
    hold(100, "till-1-0007")
    for event, content in ((CAPTURE, {"hold": NAME, "amount_minor": 100}), (VOID, {"hold": NAME})):
        moved = with_path(event, event["rawPath"].replace(NAME, "till-1-0007"))
        refused(send(moved, content, "till-1-0008"), 422, "invalid_request")
    assert states() == (300, 700, 0)


def test_a_large_body_is_refused_before_it_is_verified() -> None:
    refused(send(HOLD, "x" * 4_097, "h"), 413, "too_large")


def test_twenty_tills_at_once_spend_what_there_is_and_no_more() -> None:
    def till(number: int) -> int:
        while (status := hold(130, f"t{number}")["statusCode"]) == 503:
            pass
        return int(status)

    assert sorted(map(str, at_once(20, till))) == ["200"] * 7 + ["409"] * 13
    assert states() == (90, 910, 0)


def test_endless_conflicts_mean_try_again() -> None:
    with line(lambda _, name: "conflict" if name == "TransactWriteItems" else None):
        refused(hold(), 503, "temporarily_unavailable")
    assert states() == (1_000, 0, 0)
