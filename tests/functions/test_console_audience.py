"""Operators count members, and ask for a file of them, by the console's API."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from siyu.api import console, session
from siyu.domain.asked_audience import KEPT, Audience
from siyu.services import preview_audience
from siyu.services.request_audience import ask_for
from siyu.services.segment_members import segment_members
from siyu.storage import audiences
from tests.functions.audience_events import AUDIENCE, KEY, PATH, QUERY, events
from tests.functions.calls import (
    ANN,
    Event,
    body,
    call,
    refused,
    with_body,
    with_headers,
    with_path,
)
from tests.functions.console_calls import lines, told_by
from tests.functions.console_events import bearer
from tests.functions.make_events import http
from tests.services.audience_crowd import Row, crowd, told
from tests.services.shop import TODAY
from tests.support import NOW, at_once, dump, kinds

EVENTS = {
    name.partition("/")[2]: event
    for name, event in events(http).items()
    if name.startswith("console_audience/")
}
WITH_TOKEN = ["preview", "ask", "list", "show"]
FUNCTION = "console_audience"


def ask(event: Event) -> Event:
    answer: Event = call(FUNCTION, event)
    return answer


def looked_at(event: Event) -> Any:
    return told_by(FUNCTION, event)


def by(name: str, case: str, **headers: str) -> Event:
    return with_headers(EVENTS[case], **bearer(console.issue(name, NOW).token), **headers)


def wanted(row: Row) -> bool:
    """Whom the query of the events names."""
    return (
        row["stage"] in ("dormant", "lost")
        and (row["m"] or 0) >= 4
        and (row["store"] == "A1B" or row["orders_ever"] >= 3)
    )


@pytest.fixture
def night() -> None:
    crowd(200)
    segment_members(TODAY)


@pytest.mark.usefixtures("night")
def test_a_preview_says_how_many_and_who_comes_first() -> None:
    rows = told(wanted)
    assert len(rows) >= 10
    assert looked_at(EVENTS["preview"]) == {
        "members": len(rows),
        "net_minor": sum(row["monetary_minor"] for row in rows),
        "exact": True,
        "members_between": None,
        "net_minor_between": None,
        "shards_read": 64,
        "of_shards": 64,
        "scheme": "default",
        "scheme_version": 1,
        "as_of": TODAY.isoformat(),
        "sample": [row["member_id"] for row in rows[:10]],
    }


@pytest.mark.usefixtures("night")
def test_an_estimate_comes_with_its_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_audience, "MOST_MEMBERS", 50)
    found = looked_at(with_body(EVENTS["preview"], "{}"))
    assert (found["exact"], found["of_shards"]) == (False, 64)
    assert found["members_between"]["low"] <= found["members"] <= found["members_between"]["high"]
    assert found["net_minor_between"]["low"] < found["net_minor"]
    assert found["members"] < found["net_minor_between"]["high"]


@pytest.mark.usefixtures("night")
def test_what_is_asked_for_waits_and_is_listed(output: Callable[[], str]) -> None:
    answer = ask(EVENTS["ask"])
    assert answer["statusCode"] == 202
    assert answer["headers"]["Cache-Control"] == "no-store"
    waiting = {
        "id": AUDIENCE,
        "state": "waiting",
        "query": {"scheme": "default", **QUERY},
        "scheme_version": 1,
        "as_of": TODAY.isoformat(),
        "asked_by": "cat",
        "asked_at": "2026-11-22T04:00:00Z",
        "ends_at": "2026-12-22T04:00:00Z",
        "members": None,
        "bytes": None,
        "attempts": 0,
        "problem": None,
    }
    assert body(answer) == waiting
    assert looked_at(EVENTS["show"]) == {**waiting, "key": None, "url": None}
    assert looked_at(EVENTS["list"]) == {"audiences": [waiting]}
    (line,) = lines(output(), "audience_asked")
    assert (line["operator"], line["audience"]) == ("cat", AUDIENCE)
    assert json.loads(line["query"]) == {"scheme": "default", **QUERY}
    (item,) = [one for one in dump().values() if one["kind"]["S"] == "AUDIENCE"]
    assert int(item["ttl"]["N"]) == int((NOW + KEPT).timestamp())


@pytest.mark.usefixtures("night")
def test_who_counted_whom_is_in_the_log_without_a_name(output: Callable[[], str]) -> None:
    many = {"stores": [f"{number:03}" for number in range(500)]}
    found = [ask(EVENTS["preview"]), ask(with_body(by("bob", "preview"), json.dumps(many)))]
    short, long = lines(output(), "audience_previewed")
    assert [one["operator"] for one in (short, long)] == ["cat", "bob"]
    assert json.loads(short["query"]) == {"scheme": "default", **QUERY}
    assert [one["members"] for one in (short, long)] == [body(one)["members"] for one in found]
    assert (len(long["query"]), long["query"][:20]) == (2_000, '{"scheme":"default",')
    assert not any(member_id in str(short) for member_id in body(found[0])["sample"])


def later(case: str, now: datetime, **headers: str) -> Event:
    context = {**EVENTS[case]["requestContext"], "timeEpoch": int(now.timestamp() * 1000)}
    late = {**EVENTS[case], "requestContext": context}
    return with_headers(late, **bearer(console.issue("cat", now).token), **headers)


@pytest.mark.usefixtures("night")
def test_a_key_is_free_again_once_its_audience_has_ended() -> None:
    ask(EVENTS["ask"])
    before = dump()
    early = ask(with_body(later("ask", NOW + KEPT - timedelta(seconds=1)), "{}"))
    refused(early, 409, "idempotency_key_used")
    assert dump() == before
    again = ask(with_body(later("ask", NOW + KEPT), "{}"))
    assert (again["statusCode"], body(again)["id"]) == (202, AUDIENCE)
    assert (body(again)["query"], body(again)["state"]) == ({"scheme": "default"}, "waiting")
    assert body(again)["asked_at"] == "2026-12-22T04:00:00Z"
    assert kinds()["AUDIENCE"] == 1


@pytest.mark.usefixtures("night")
def test_what_was_asked_meanwhile_is_not_deleted_for_what_ended() -> None:
    ended = ask_for({"scheme": "default"}, "cat", NOW, KEY)
    ask_for({"scheme": "default"}, "cat", NOW + KEPT, KEY)
    before = dump()
    audiences.drop(ended, NOW + KEPT)
    assert dump() == before


@pytest.mark.usefixtures("night")
def test_a_key_is_an_operators_own_and_good_for_one_query() -> None:
    first, again = ask(EVENTS["ask"]), ask(EVENTS["ask"])
    assert (again["statusCode"], body(again)) == (202, body(first))
    refused(ask(with_body(EVENTS["ask"], "{}")), 409, "idempotency_key_used")
    other = body(ask(by("bob", "ask")))
    assert (other["asked_by"], other["query"]) == ("bob", body(first)["query"])
    assert other["id"] != AUDIENCE
    assert kinds()["AUDIENCE"] == 2
    for name in ("bob", "cat"):
        found = looked_at(by(name, "list"))["audiences"]
        assert {one["asked_by"] for one in found} == {"bob", "cat"}
        assert looked_at(by(name, "show"))["asked_by"] == "cat"


@pytest.mark.usefixtures("night")
def test_of_requests_at_once_with_one_key_one_is_kept() -> None:
    query = {"scheme": "default", **QUERY}
    asked = at_once(4, lambda _: ask_for(query, "cat", NOW, KEY))
    assert [one for one in asked if isinstance(one, Exception)] == []
    assert {one.audience_id for one in asked if isinstance(one, Audience)} == {AUDIENCE}
    assert kinds()["AUDIENCE"] == 1


@pytest.mark.usefixtures("night")
def test_without_a_key_each_request_is_another() -> None:
    event = http("POST", PATH, "{}", **bearer(console.issue("cat", NOW).token))
    assert body(ask(event))["id"] != body(ask(event))["id"]
    assert kinds()["AUDIENCE"] == 2


def test_before_any_night_there_is_nothing_to_ask_about() -> None:
    crowd(10)
    for case in ("preview", "ask"):
        refused(ask(EVENTS[case]), 409, "scheme_not_published")
    segment_members(TODAY)
    north = json.dumps({"scheme": "north"})
    refused(ask(with_body(EVENTS["preview"], north)), 409, "scheme_not_published")
    assert "AUDIENCE" not in kinds()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"stages": ["asleep"]}, "stages.0"),
        ({"stages": []}, "stages"),
        ({"groups": ["-"]}, "groups.0"),
        ({"r": {"at_least": 0}}, "r.at_least"),
        ({"f": {"at_most": 6}}, "f.at_most"),
        ({"m": {"at_least": "4"}}, "m.at_least"),
        ({"recency_days": {}}, "recency_days"),
        ({"frequency": {"at_least": 3, "at_most": 2}}, "frequency"),
        ({"monetary_minor": {"at_least": 1.5}}, "monetary_minor.at_least"),
        ({"joined": {"since": "yesterday"}}, "joined.since"),
        ({"joined": {"since": 1_700_006_400}}, "joined.since"),
        ({"joined": {"since": "1700006400"}}, "joined.since"),
        ({"joined": {"until": "2026-01-01T00:00:00"}}, "joined.until"),
        ({"joined": {"since": "2026-02-01", "until": "2026-01-01"}}, "joined"),
        ({"stores": ["a1b"]}, "stores.0"),
        ({"any_of": [{}]}, "any_of.0"),
        ({"any_of": [{"stages": ["lost"], "scheme": "north"}]}, "any_of.0.scheme"),
        ({"any_of": [{"stages": ["lost"]}] * 6}, "any_of"),
        ({"age": {"at_least": 18}}, "age"),
        ({"scheme": "default; drop"}, "scheme"),
    ],
)
def test_a_query_that_makes_no_sense_is_told_which_field(query: Any, field: str) -> None:
    for case in ("preview", "ask"):
        answer = ask(with_body(EVENTS[case], json.dumps(query)))
        refused(answer, 422, "invalid_request")
        assert [one["field"] for one in body(answer)["errors"]] == [f"body.{field}"]
    assert "AUDIENCE" not in kinds()


@pytest.mark.usefixtures("night")
def test_what_is_not_there_or_over_is_not_found() -> None:
    for name in ("none", "a" * 16, "x" * 3_000, "ä"):
        refused(ask(with_path(EVENTS["show"], f"{PATH}/{name}")), 404, "not_found")
    ask(EVENTS["ask"])
    for case in ("show", "list"):
        answer = ask(later(case, NOW + KEPT + timedelta(seconds=1)))
        if case == "list":
            assert body(answer) == {"audiences": []}
        else:
            refused(answer, 404, "not_found")


@pytest.mark.usefixtures("night")
@pytest.mark.parametrize("token", [None, "x", session.issue(ANN, NOW).token])
@pytest.mark.parametrize("case", WITH_TOKEN)
def test_whoever_is_no_operator_learns_and_changes_nothing(case: str, token: str | None) -> None:
    before = dump()
    event = with_headers(EVENTS[case], authorization=f"Bearer {token}" if token else "")
    refused(ask(event), 401, "not_signed_in")
    refused(ask(EVENTS["no_token"]), 401, "not_signed_in")
    assert dump() == before
