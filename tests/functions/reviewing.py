"""What tests of the console for credits say a lot."""

from __future__ import annotations

import json
from typing import Any

from siyu.api import console
from tests.functions.calls import ANN, BOB, Event, body, call, join
from tests.functions.console_events import bearer
from tests.functions.make_events import http
from tests.functions.review_events import PATH, events
from tests.services.doubts import DOUBT_ALL, rules
from tests.services.shop import paid, receipt, settle
from tests.support import NOW

EVENTS = {
    name.partition("/")[2]: event
    for name, event in events(http).items()
    if name.startswith("console_review/")
}
OPERATOR = bearer(console.issue("cat", NOW).token)


def ask(event: Event) -> Event:
    answer: Event = call("console_review", event)
    return answer


def told(event: Event) -> Any:
    """What an operator is told, and nobody on the way keeps."""
    answer = ask(event)
    assert answer["statusCode"] == 200, answer["body"]
    assert answer["headers"]["Cache-Control"] == "no-store"
    return body(answer)


def listed(query: str) -> Any:
    return told(http("GET", PATH, query=query, **OPERATOR))


def lines(logged: str, name: str) -> list[Any]:
    """The log's lines of one name."""
    found = (json.loads(one) for one in logged.splitlines() if one.startswith("{"))
    return [one for one in found if one["message"] == name]


def doubted(*numbers: str) -> None:
    """Ann brought Bob, who bought for 100.00 each time; the rules doubt all of it."""
    rules(checks=DOUBT_ALL)
    code = join(ANN, receipt(1), "openid-ann").referral_code
    paid("0", 900, buyer_id="b", receipt_token=receipt(2))
    join(BOB, receipt(2), "openid-bob", code)
    for number in numbers or "1":
        paid(number, 10_000, buyer_id="b")
    settle()
