"""What tests of the console for credits say a lot."""

from __future__ import annotations

from typing import Any

from siyu.api import console
from tests.functions.calls import ANN, BOB, Event, call, join
from tests.functions.console_calls import told_by
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
FUNCTION = "console_review"


def ask(event: Event) -> Event:
    answer: Event = call(FUNCTION, event)
    return answer


def told(event: Event) -> Any:
    return told_by(FUNCTION, event)


def listed(query: str) -> Any:
    return told(http("GET", PATH, query=query, **OPERATOR))


def doubted(*numbers: str) -> None:
    """Ann brought Bob, who bought for 100.00 each time; the rules doubt all of it."""
    rules(checks=DOUBT_ALL)
    code = join(ANN, receipt(1), "openid-ann").referral_code
    paid("0", 900, buyer_id="b", receipt_token=receipt(2))
    join(BOB, receipt(2), "openid-bob", code)
    for number in numbers or "1":
        paid(number, 10_000, buyer_id="b")
    settle()
