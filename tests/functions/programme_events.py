"""Events of the function for the referral rules, for make_events."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from siyu.api import console
from tests.functions.calls import Event, with_headers
from tests.functions.console_events import bearer
from tests.support import NOW

PATH = "/v1/console/programmes"
RULES: dict[str, Any] = {
    "version": "2027-spring",
    "effective_from": "2027-03-01T00:00:00+08:00",
    "rate_bp": 800,
    "max_credit_minor": 5_000,
    "per_month_minor": 50_000,
    "budget_minor": 10_000_000,
    "excluded_skus": ["GIFT-*"],
    "coupon": {"name": "friend", "value_minor": 2_000, "min_spend_minor": 9_900, "valid_days": 14},
    "checks": {"friends_a_day": None},
}


def events(http: Callable[..., Event]) -> dict[str, Event]:
    """By `<function>/<case>`; `http` makes an event of the gateway."""
    operator = bearer(console.issue("ann", NOW).token)
    return {
        "console_programme/list": http("GET", PATH, **operator),
        "console_programme/publish": http("POST", PATH, json.dumps(RULES), **operator),
        "console_programme/no_token": http("GET", PATH),
    }


def later(event: Event, by: timedelta) -> Event:
    """The event as it comes in at a later time."""
    at = NOW + by
    context = {**event["requestContext"], "timeEpoch": int(at.timestamp() * 1000)}
    token = bearer(console.issue("ann", at).token)["authorization"]
    return with_headers({**event, "requestContext": context}, authorization=token)
