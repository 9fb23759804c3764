"""Events of the console's functions, for make_events."""

from __future__ import annotations

import json
from collections.abc import Callable

from siyu.api import console
from tests.functions.calls import Event
from tests.support import NOW

EVENT_ID = "20261122T040000000Z-m1"
PATH = "/v1/console/quarantine"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def events(http: Callable[..., Event]) -> dict[str, Event]:
    """By `<function>/<case>`; `http` makes an event of the gateway."""
    operator = bearer(console.issue("ann", NOW).token)
    one = f"{PATH}/{EVENT_ID}"
    dry, real = (json.dumps({"dry_run": dry_run}) for dry_run in (True, False))
    return {
        "console_quarantine/list": http("GET", PATH, **operator),
        "console_quarantine/filtered": http(
            "GET", PATH, query="source=kiosk&reason=unknown_source&limit=2", **operator
        ),
        "console_quarantine/show": http("GET", one, **operator),
        "console_quarantine/try": http("POST", f"{one}/replay", dry, **operator),
        "console_quarantine/replay": http("POST", f"{one}/replay", real, **operator),
        "console_quarantine/no_token": http("GET", PATH),
    }
