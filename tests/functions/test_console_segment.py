"""Operators see why a member stands where they stand, the nights of a scheme, and who moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from siyu.api import session
from siyu.api.strict import DAY
from siyu.domain.consents import Consent, Purpose
from siyu.services import segment_flows
from siyu.services.decide_review import merge_by_hand
from siyu.services.erase_member import erase_member
from siyu.services.record_consent import record_consent
from siyu.services.segment_members import segment_members
from tests.functions.calls import (
    ANN,
    BOB,
    Event,
    body,
    call,
    join,
    refused,
    with_headers,
    with_path,
)
from tests.functions.console_calls import lines, told_by
from tests.functions.console_events import bearer
from tests.functions.make_events import http
from tests.functions.segment_events import FLOWS, MEMBER, NIGHTS, events
from tests.services.shop import paid, receipt
from tests.support import NOW, dump

EVENTS = {
    name.partition("/")[2]: event
    for name, event in events(http).items()
    if name.startswith("console_segment/")
}
WITH_TOKEN = ["explain", "nights", "lines", "flows"]
FUNCTION = "console_segment"
TONIGHT = NOW.date()
LAST_NIGHT = TONIGHT - timedelta(days=1)
NEW = {"stage": "new", "group": None, "aipl": "interest"}


def ask(event: Event) -> Event:
    answer: Event = call(FUNCTION, event)
    return answer


def told(event: Event) -> Any:
    return told_by(FUNCTION, event)


def get(path: str, query: str) -> Event:
    headers = {"authorization": EVENTS["explain"]["headers"]["authorization"]}
    return http("GET", path, query=query, **headers)


def two_nights() -> None:
    """Ann and Bob, who were new last night and bought since: Ann three times, Bob once."""
    join(ANN, receipt(1), "openid-ann")
    join(BOB, receipt(2), "openid-bob")
    segment_members(LAST_NIGHT)
    for number in range(3):
        paid(f"{number}", 10_000, buyer={"openid": "openid-ann"})
    paid("b", 900, buyer={"openid": "openid-bob"})
    segment_members(TONIGHT)


def test_a_member_is_explained_with_every_number_and_line(output: Callable[[], str]) -> None:
    two_nights()
    shown = told(EVENTS["explain"])
    computed = shown.pop("computed")
    stage = {"stage": "repurchase_2", "group": None, "aipl": "loyalty"}
    numbers = {"recency_days": 0, "frequency": 3, "monetary_minor": 30_000}
    assert shown == {
        "member": ANN,
        "scheme": "default",
        "profiling": "counted",
        "none_because": None,
        "stored": {"label": stage, "since": "2026-11-21", "before": NEW, "cause": "order"},
        "pending": False,
        "history": [
            {"night": "2026-11-22", "before": NEW, "after": stage, "cause": "order", **numbers},
            {
                "night": "2026-11-21",
                "before": None,
                "after": NEW,
                "cause": "night",
                "recency_days": None,
                "frequency": 0,
                "monetary_minor": 0,
            },
        ],
    }
    assert computed.pop("numbers") == {**numbers, "orders_ever": 3, "joined_on": "2026-11-22"}
    assert computed.pop("lines") == {
        "as_of": "2026-11-22",
        "version": 1,
        "population": 2,
        "recency_days": [],
        "frequency": [],
        "monetary_minor": [],
        "high": None,
        "super_user_minor": None,
        "key_care_orders": None,
    }
    reasons = computed.pop("reasons")
    assert [(one["what"], one["rule"], one["value"], one["line"]) for one in reasons] == [
        ("group", "scored", 2, 5),
        ("stage", "lost", 0, 365),
        ("stage", "dormant", 0, 180),
        ("stage", "repurchase_2", 3, 3),
        ("aipl", "loyal", 3, 2),
        ("aipl", "loyal", 0, 365),
    ]
    assert computed == {
        "as_of": "2026-11-22",
        "version": 1,
        "window_days": None,
        "scores": None,
        "label": stage,
    }
    (line,) = lines(output(), "segment_explained")
    assert (line["operator"], line["member"], line["scheme"]) == ("ann", ANN, "default")
    assert not {"computed", "label", "stage"} & line.keys()


def test_who_is_scored_sees_scores_and_the_lines_that_were_passed() -> None:
    for number in range(6):
        join(f"{number:012d}A", receipt(number), f"openid-{number}")
        for order in range(number + 1):
            paid(f"{number}-{order}", 1_000 * number + 1, buyer={"openid": f"openid-{number}"})
    segment_members(TONIGHT)
    shown = told(with_path(EVENTS["explain"], MEMBER.replace(ANN, f"{5:012d}A")))["computed"]
    assert shown["scores"] == {"recency": 1, "frequency": 5, "monetary": 5}
    assert shown["lines"]["frequency"] == [2, 3, 4, 5]
    group = "important_keep"  # all bought today: nobody is more recent than the others
    assert shown["label"] == {"stage": "super_user", "group": group, "aipl": "loyalty"}
    scored = {one["what"]: one for one in shown["reasons"] if one["rule"] == "score"}
    assert (scored["frequency"]["line"], scored["frequency"]["next_line"]) == (5, None)
    assert (scored["recency"]["line"], scored["recency"]["outcome"]) == (None, "1")


def test_of_a_merged_account_the_person_answers() -> None:
    two_nights()
    merge_by_hand(ANN, BOB, "cat", "the same hand", NOW)
    assert told(EVENTS["explain"]) == told(with_path(EVENTS["explain"], MEMBER.replace(ANN, BOB)))


def test_of_who_refused_to_be_profiled_nothing_is_computed() -> None:
    two_nights()
    consent = Consent(Purpose.PROFILING, False, "1", "a" * 64, "mini_program", NOW)
    record_consent(ANN, consent)
    assert told(EVENTS["explain"]) == {
        "member": ANN,
        "scheme": "default",
        "profiling": "refused",
        "computed": None,
        "none_because": "profiling_refused",
        "stored": None,
        "pending": False,
        "history": [],
    }


def test_who_never_joined_or_was_erased_is_not_found() -> None:
    two_nights()
    for name in ("00000000000Z9", "M", "x" * 3_000):
        refused(ask(with_path(EVENTS["explain"], MEMBER.replace(ANN, name))), 404, "not_found")
    erase_member(ANN, NOW)
    refused(ask(EVENTS["explain"]), 404, "not_found")


def test_nights_are_told_with_sizes_or_lines_or_both() -> None:
    two_nights()
    sizes = told(EVENTS["nights"])
    assert [one["night"] for one in sizes["nights"]] == ["2026-11-21", "2026-11-22"]
    last = sizes["nights"][-1]
    assert (last["members"], last["population"], last["changed"]) == (2, 2, 0)
    assert last["stages"]["repurchase_2"] == {"members": 1, "net_minor": 30_000}
    assert last["groups"]["unscored"] == {"members": 2, "net_minor": 30_900}
    assert last["aipl"]["purchase"] == {"members": 1, "net_minor": 900}
    assert (last["lines"], sizes["heat_map"]) == (None, [])
    only = told(EVENTS["lines"])
    assert (only["heat_map"], only["nights"][-1]["stages"]) == (None, None)
    assert only["nights"][-1]["lines"]["as_of"] == "2026-11-22"
    everything = told(get(NIGHTS, "detail=all"))["nights"][-1]
    assert everything == last | {"lines": only["nights"][-1]["lines"]}
    assert told(get(NIGHTS, "until=2026-11-21"))["nights"] == sizes["nights"][:1]


def test_the_heat_map_adds_up_to_those_who_are_scored() -> None:
    for number in range(6):
        join(f"{number:012d}A", receipt(number), f"openid-{number}")
        for order in range(number + 1):
            paid(f"{number}-{order}", 1_000, buyer={"openid": f"openid-{number}"})
    segment_members(TONIGHT)
    cells = told(EVENTS["nights"])["heat_map"]
    # One purchase or two are the lowest fifth of six buyers.
    assert [(cell["recency"], cell["frequency"], cell["members"]) for cell in cells] == [
        (1, 1, 2),
        *((1, score, 1) for score in (2, 3, 4, 5)),
    ]
    assert sum(cell["net_minor"] for cell in cells) == 21_000


def test_flows_between_two_nights_are_told_with_what_they_sum_up_to() -> None:
    two_nights()
    moved = told(get(FLOWS, "from=2026-11-21&to=2026-11-22"))
    assert (moved["from"], moved["to"], moved["by"]) == ("2026-11-21", "2026-11-22", "stage")
    assert moved["flows"] == [
        {"before": "new", "after": "first_purchase", "members": 1},
        {"before": "new", "after": "repurchase_2", "members": 1},
    ]
    assert moved["parts"]["new"] == {"before": 2, "out": 2, "into": 0, "gone": 0, "after": 0}
    assert told(EVENTS["flows"])["flows"] == []


def test_more_changes_than_a_request_has_time_for_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    two_nights()
    segment_members(TONIGHT + timedelta(days=1))
    monkeypatch.setattr(segment_flows, "MAX_CHANGES", 0)
    answer = ask(get(FLOWS, "from=2026-11-21&to=2026-11-23"))
    assert answer["statusCode"] == 422
    said = body(answer)
    assert said["type"] == "urn:siyu:problem:span_too_long"
    assert "siyu segments flows" in said["detail"]


@pytest.mark.parametrize(
    ("path", "query", "reason"),
    [
        (MEMBER, "scheme=N", None),
        (NIGHTS, "scheme=", None),
        (NIGHTS, "since=0", None),
        (NIGHTS, "since=1790985600", None),
        (NIGHTS, "until=0001-01-01", None),
        (NIGHTS, "since=2026-02-30", None),
        (NIGHTS, "detail=more", None),
        (NIGHTS, "since=2026-11-23", "span_is_empty"),
        (NIGHTS, "since=2025-10-18", "span_too_long"),
        (FLOWS, "from=2026-11-21", None),
        (FLOWS, "from=2026-11-21&to=2026-11-22&by=store", None),
        (FLOWS, "from=2026-11-22&to=2026-11-21", "span_is_empty"),
        (FLOWS, "from=2026-11-22&to=2026-11-22", "span_is_empty"),
        (FLOWS, "from=2000-01-01&to=2026-11-22", "span_too_long"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(path: str, query: str, reason: str | None) -> None:
    two_nights()
    answer = ask(get(path, query))
    if reason is None:
        refused(answer, 422, "invalid_request")
    else:
        assert (answer["statusCode"], body(answer)["type"]) == (422, f"urn:siyu:problem:{reason}")


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        (NIGHTS, "since=1790985600", "since"),
        (NIGHTS, "until=2026-11-22T00:00:00", "until"),
        (FLOWS, "from=yesterday&to=2026-11-22", "from"),
    ],
)
def test_what_is_no_day_is_told_in_plain_words(path: str, query: str, field: str) -> None:
    (fault,) = body(ask(get(path, query)))["errors"]
    assert (fault["field"].rpartition(".")[2], fault["problem"]) == (field, DAY)


def test_what_is_not_there_is_not_found() -> None:
    two_nights()
    for path, query in (
        (MEMBER, "scheme=north"),
        (NIGHTS, "scheme=north"),
        (FLOWS, "scheme=north&from=2026-11-21&to=2026-11-22"),
        (FLOWS, "from=2026-11-20&to=2026-11-22"),
    ):
        refused(ask(get(path, query)), 404, "not_found")


@pytest.mark.parametrize("token", [None, "x", session.issue(ANN, NOW).token])
@pytest.mark.parametrize("case", WITH_TOKEN)
def test_whoever_is_no_operator_learns_nothing(case: str, token: str | None) -> None:
    two_nights()
    before = dump()
    headers = bearer(token) if token else {"authorization": ""}
    refused(ask(with_headers(EVENTS[case], **headers)), 401, "not_signed_in")
    refused(ask(EVENTS["no_token"]), 401, "not_signed_in")
    assert dump() == before
