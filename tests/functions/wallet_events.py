"""Events of a member's wallet and of the tills that take credit, for make_events."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from siyu.api import session
from siyu.services.verify_till import till_secret
from tests.functions.calls import ANN, Event, signed
from tests.functions.console_events import bearer
from tests.services.shop import STORE
from tests.support import NOW

PATH, HOLDS, HOLD = "/v1/me/credit", f"/v1/stores/{STORE}/holds", "till-1-0001"


def events(http: Callable[..., Event]) -> dict[str, Event]:
    """By `<function>/<case>`; `http` makes an event of the gateway."""
    member = bearer(session.issue(ANN, NOW).token)
    shown = session.issue(ANN, NOW, "wallet", timedelta(minutes=5), {"jti": "code-1"}).token

    def till(path: str, request_id: str, **content: object) -> Event:
        body = json.dumps(content)
        return signed(http("POST", path), body, request_id, secret=till_secret(STORE, 1))

    return {
        "member_wallet/credit": http("GET", PATH, **member),
        "member_wallet/entries": http("GET", f"{PATH}/entries", query="limit=2", **member),
        "member_wallet/code": http("POST", f"{PATH}/code", **member),
        "member_wallet/referral": http("GET", "/v1/me/referral", **member),
        "credit_spend/hold": till(
            HOLDS, HOLD, wallet_code=shown, amount_minor=600, spend_minor=12_800
        ),
        "credit_spend/capture": till(
            f"{HOLDS}/{HOLD}/capture", "till-1-0002", hold=HOLD, amount_minor=500
        ),
        "credit_spend/void": till(f"{HOLDS}/{HOLD}/void", "till-1-0003", hold=HOLD),
    }
