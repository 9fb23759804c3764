"""Events of the functions for credits in doubt and for referrers, for make_events."""

from __future__ import annotations

import json
from collections.abc import Callable

from siyu.api import console, credit_id
from tests.functions.calls import ANN, Event
from tests.functions.console_events import bearer
from tests.support import NOW

PATH = "/v1/console/credits"
CREDIT = f"{PATH}/{credit_id.encode('shop#1')}"
REFERRER = f"/v1/console/referrers/{ANN}"


def events(http: Callable[..., Event]) -> dict[str, Event]:
    """By `<function>/<case>`; `http` makes an event of the gateway."""
    operator = bearer(console.issue("cat", NOW).token)

    def decide(**fields: object) -> Event:
        return http("POST", f"{CREDIT}/decision", json.dumps(fields), **operator)

    def stand(**fields: object) -> Event:
        return http("PUT", f"{REFERRER}/standing", json.dumps(fields), **operator)

    return {
        "console_review/list": http("GET", PATH, **operator),
        "console_review/filtered": http(
            "GET", PATH, query=f"referrer={ANN}&reason=share_of_order&limit=2", **operator
        ),
        "console_review/show": http("GET", CREDIT, **operator),
        "console_review/approve": decide(verdict="approve", note="a regular"),
        "console_review/fraud": decide(verdict="block", fraud=True, note="six phones, one hand"),
        "console_review/no_token": http("GET", PATH),
        "console_referrer/show": http("GET", REFERRER, **operator),
        "console_referrer/suspend": stand(suspended=True),
        "console_referrer/lift": stand(suspended=False, staff=None),
        "console_referrer/no_token": http("GET", REFERRER),
    }
