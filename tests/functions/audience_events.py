"""Events of the functions for audiences, for make_events."""

from __future__ import annotations

import json
from collections.abc import Callable

from siyu.api import console
from tests.functions.calls import Event, batch
from tests.functions.console_events import bearer
from tests.support import NOW

PATH = "/v1/console/audiences"
# Made by the operator's key, so it is the same each time.
KEY, AUDIENCE = "autumn-1", "uvajzks5w6qmlydm"
QUERY = {
    "stages": ["dormant", "lost"],
    "m": {"at_least": 4},
    "any_of": [{"stores": ["A1B"]}, {"orders_ever": {"at_least": 3}}],
}


def events(http: Callable[..., Event]) -> dict[str, Event]:
    """By `<function>/<case>`; `http` makes an event of the gateway."""
    operator = bearer(console.issue("cat", NOW).token)
    text = json.dumps(QUERY)
    return {
        "console_audience/preview": http("POST", f"{PATH}/preview", text, **operator),
        "console_audience/ask": http("POST", PATH, text, **operator, **{"idempotency-key": KEY}),
        "console_audience/list": http("GET", PATH, **operator),
        "console_audience/show": http("GET", f"{PATH}/{AUDIENCE}", **operator),
        "console_audience/no_token": http("GET", PATH),
        "audience_export/asked": batch(AUDIENCE),
    }
