"""What is too long, and what comes without a good token, is refused before it is read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from siyu.api import console, session
from siyu.http import MAX_BODY_CHARS
from tests.functions.calls import (
    ANN,
    EVENTS,
    Event,
    body,
    call,
    load,
    refused,
    with_body,
    with_headers,
)
from tests.functions.console_events import bearer
from tests.support import NOW, kinds

GUARDED = (
    "console_audience", "console_programme", "console_quarantine", "console_referrer",
    "console_review", "console_scheme", "console_segment",
    "member_consents", "member_phone", "member_wallet",
)  # fmt: skip
OTHERS = ("member_privacy", "member_profile", "member_session", "referral_poster", "scan_signup")


def events(*functions: str) -> list[str]:
    """All events on disk of some functions."""
    return sorted(
        f"{name}/{path.stem}" for name in functions for path in Path(EVENTS, name).glob("*.json")
    )


def at(name: str, text: str | bytes | None = None, query: str | None = None) -> Event:
    """An event without its token, and with another body and query."""
    event = load(name)
    headers = {key: value for key, value in event["headers"].items() if key != "authorization"}
    event = {**event, "headers": {**headers, "content-type": "application/json"}}
    if query is not None:
        event["rawQueryString"] = query
        event["queryStringParameters"] = dict([query.split("=", 1)])
    return event if text is None else with_body(event, text)


def strangers(function: str) -> dict[str, str]:
    """Tokens that open nothing here."""
    over, ours = NOW - timedelta(days=400), console if function.startswith("console") else session
    theirs = session if ours is console else console
    good = ours.issue(ANN, NOW).token
    return {
        "nothing": "",
        "no token": "Bearer x",
        "half a token": f"Bearer {good[:-4]}",
        "another scheme": f"Basic {good}",
        "over": f"Bearer {ours.issue(ANN, over).token}",
        "for another door": f"Bearer {theirs.issue(ANN, NOW).token}",
    }


@pytest.mark.parametrize("name", events(*GUARDED))
def test_without_a_good_token_nothing_of_a_request_is_read(name: str) -> None:
    function = name.partition("/")[0]
    bodies = (
        None,
        "",
        "{",
        "[" * 10_000,
        '{"amount_minor": "x"}',
        b"\xff\xfe",
        "x" * MAX_BODY_CHARS,
    )
    for authorization in strangers(function).values():
        for text in bodies:
            event = with_headers(at(name, text), authorization=authorization)
            refused(call(function, event), 401, "not_signed_in")
        for query in ("limit=x", "cursor=%FF", "limit=-1", "nothing=1"):
            event = with_headers(at(name, query=query), authorization=authorization)
            refused(call(function, event), 401, "not_signed_in")
    refused(call(function, at(name, "{")), 401, "not_signed_in")
    assert kinds() == {}


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=", "x"])
def test_without_a_good_token_no_body_has_a_type(kind: str) -> None:
    for function in GUARDED:
        name = events(function)[0]
        event = with_headers(at(name, "--x\r\n"), content_type=kind)
        refused(call(function, event), 401, "not_signed_in")


@pytest.mark.parametrize("name", events(*GUARDED, *OTHERS))
def test_a_body_beyond_its_limit_is_refused_before_it_is_read(name: str) -> None:
    """Also where no body is expected; who has no token hears of that alone."""
    function = name.partition("/")[0]
    good = bearer((console if function.startswith("console") else session).issue(ANN, NOW).token)
    for text in ("x" * (MAX_BODY_CHARS + 1), "[" * 1_000_000, b"\xff" * MAX_BODY_CHARS):
        stranger = call(function, at(name, text))
        answer = call(function, with_headers(at(name, text), **good))
        refused(answer, 422, "invalid_request")
        assert body(answer)["errors"] == [{"field": "body", "problem": "too long"}]
        if function in GUARDED:
            refused(stranger, 401, "not_signed_in")
        else:
            assert stranger == answer
    assert kinds() == {}


def test_a_body_of_just_the_limit_is_read() -> None:
    scan = load("scan_signup/receipt")
    longest = scan["body"] + " " * (MAX_BODY_CHARS - len(scan["body"]))
    assert call("scan_signup", with_body(scan, longest))["statusCode"] == 200
    refused(call("scan_signup", with_body(scan, longest + " ")), 422, "invalid_request")
