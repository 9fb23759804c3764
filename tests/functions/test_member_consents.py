"""GET and POST /v1/me/consents: agreeing and withdrawing are one and the same call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.api import session
from tests.functions.calls import (
    ANN,
    BOB,
    body,
    call,
    join,
    load,
    refused,
    with_fields,
    with_headers,
)
from tests.services.shop import receipt
from tests.support import NOW, dump, kinds


def decide(after: int = 0, **fields: Any) -> Any:
    event = with_fields(load("member_consents/agree"), **fields)
    at = NOW + timedelta(seconds=after)
    event["requestContext"]["timeEpoch"] = int(at.timestamp() * 1000)
    return call("member_consents", event)


def read(member_id: str = ANN) -> Any:
    token = session.issue(member_id, NOW).token
    event = with_headers(load("member_consents/read"), authorization=f"Bearer {token}")
    return body(call("member_consents", event))


@pytest.fixture(autouse=True)
def ann() -> None:
    join(ANN, receipt(1), "openid-ann")
    join(BOB, receipt(2), "openid-bob")


def test_without_a_decision_nothing_stands() -> None:
    assert read() == {"standing": [], "history": []}


def test_a_withdrawal_is_the_same_call_and_the_history_keeps_both() -> None:
    first = body(decide())
    assert [(one["purpose"], one["granted"]) for one in first["standing"]] == [("marketing", True)]
    answer = decide(1, granted=False)
    assert answer["statusCode"] == 200
    said = body(answer)
    assert [one["granted"] for one in said["standing"]] == [False]
    assert [one["granted"] for one in said["history"]] == [True, False]
    assert said == read()
    assert said["history"][0] == {
        "purpose": "marketing",
        "granted": True,
        "policy_version": "2026-11",
        "text_hash": first["standing"][0]["text_hash"],
        "channel": "mini_program",
        "at": "2026-11-22T04:00:00Z",
    }


def test_purposes_are_decided_one_by_one() -> None:
    decide(0)
    decide(1, purpose="profiling")
    decide(2, granted=False)
    stands = {one["purpose"]: one["granted"] for one in read()["standing"]}
    assert stands == {"marketing": False, "profiling": True}


def test_the_address_is_kept_as_a_mark_only_and_told_to_nobody() -> None:
    answer = decide()
    stored = [item for item in dump().values() if item["kind"]["S"] == "CONSENT"]
    assert len(stored[0]["address_mark"]["S"]) == 32
    assert "192.0.2.7" not in str(stored)
    assert stored[0]["address_mark"]["S"] not in answer["body"]


def test_the_decisions_are_the_sessions_members_alone() -> None:
    decide()
    assert read(BOB) == {"standing": [], "history": []}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", "everything"),
        ("granted", "yes"),
        ("granted", 1),
        ("granted", None),
        ("policy_version", ""),
        ("policy_version", "v" * 33),
        ("text_hash", "A" * 64),
        ("text_hash", "a" * 63),
        ("channel", "Mini Program"),
        ("at", "2020-01-01T00:00:00Z"),
        ("member_id", BOB),
    ],
)
def test_what_is_no_decision_is_refused_with_its_field(field: str, value: Any) -> None:
    answer = decide(**{field: value})
    refused(answer, 422, "invalid_request")
    assert [error["field"] for error in body(answer)["errors"]] == [f"body.{field}"]
    assert "CONSENT" not in kinds()
