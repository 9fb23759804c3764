"""What a till asks of a member's credit, signed like its requests."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count
from typing import Any

from siyu.api import session
from siyu.services.verify_till import till_secret
from tests.books import check_books
from tests.functions.calls import ANN, TIMESTAMP, Event, call, load, signed, with_path
from tests.services.purse import balance
from tests.services.shop import STORE
from tests.support import NOW

HOLD, CAPTURE, VOID = (load(f"credit_spend/{name}") for name in ("hold", "capture", "void"))
HOLDS = f"/v1/stores/{STORE}/holds"
NAME = "till-1-0001"
WALLET = {"audience": "wallet", "lifetime": timedelta(minutes=5)}
_marks = count()


def code(member_id: str = ANN, **how: Any) -> str:
    """A code that was never shown before."""
    mark = {"jti": f"mark-{next(_marks)}"}
    return session.issue(member_id, NOW, **{**WALLET, "more": mark, **how}).token


def send(
    event: Event, content: Any, request_id: str, secret: str | None = None, later: int = 0
) -> Any:
    """A signed request, `later` seconds after the event's own time."""
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    made = signed(event, text, request_id, TIMESTAMP + later, secret or till_secret(STORE, 1))
    at = event["requestContext"]["timeEpoch"] + later * 1000
    made["requestContext"] = {**made["requestContext"], "timeEpoch": at}
    return call("credit_spend", made)


def hold(amount: Any = 600, name: str = NAME, shown: str | None = None, **how: Any) -> Any:
    wanted = {"wallet_code": shown or code(), "amount_minor": amount, "spend_minor": 12_800}
    event = with_path(HOLD, how.pop("path", HOLDS))
    return send(event, wanted, name, **how)


def capture(amount: Any = 500, name: str = NAME, **how: Any) -> Any:
    event = with_path(CAPTURE, f"{HOLDS}/{name}/capture")
    return send(event, {"hold": name, "amount_minor": amount}, "till-1-0002", **how)


def void(name: str = NAME, content: Any = None, **how: Any) -> Any:
    said = {"hold": name} if content is None else content
    return send(with_path(VOID, f"{HOLDS}/{name}/void"), said, "till-1-0003", **how)


def states() -> tuple[int, int, int]:
    """What Ann has released and held, and what she has spent."""
    check_books()
    found = balance(ANN)
    return found.released_minor, found.held_minor, found.spent_minor
