"""Events of the functions for the segmentation, for make_events."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from siyu.api import console
from tests.functions.calls import ANN, Event
from tests.functions.console_events import bearer
from tests.support import NOW

MEMBER = f"/v1/console/members/{ANN}/segment"
NIGHTS = "/v1/console/segments"
FLOWS = f"{NIGHTS}/flows"
SCHEMES = "/v1/console/schemes"
RULES: dict[str, Any] = {
    "name": "north",
    "stores": ["A1B"],
    "window_days": 365,
    "rule": "own",
    "own_lines": {
        "recency": [180, 90, 30, 7],
        "frequency": [1, 2, 4, 8],
        "monetary": [10_000, 50_000, 200_000, 800_000],
    },
    "cutting": "frozen",
}


def events(http: Callable[..., Event]) -> dict[str, Event]:
    """By `<function>/<case>`; `http` makes an event of the gateway."""
    operator = bearer(console.issue("ann", NOW).token)

    def ask(path: str, query: str = "") -> Event:
        return http("GET", path, query=query, **operator)

    return {
        "console_segment/explain": ask(MEMBER),
        "console_segment/nights": ask(NIGHTS),
        "console_segment/lines": ask(
            NIGHTS, "scheme=default&since=2026-11-20&until=2026-11-22&detail=lines"
        ),
        "console_segment/flows": ask(FLOWS, "from=2026-11-21&to=2026-11-22&by=group"),
        "console_segment/no_token": http("GET", MEMBER),
        "console_scheme/list": ask(SCHEMES),
        "console_scheme/publish": http("POST", SCHEMES, json.dumps(RULES), **operator),
        "console_scheme/no_token": http("GET", SCHEMES),
    }
