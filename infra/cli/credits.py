"""`siyu referral explain`, `credits`, `approve`, `block`: why credits stand as they do, and what
waits for somebody."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from infra.cli.output import note, show, table
from siyu.api.credit_review import CreditResponse, ExplanationResponse, order_key
from siyu.domain.credits import Credit
from siyu.domain.referrals import Obstacle
from siyu.domain.vetting import Verdict
from siyu.services.review_credits import decide_credit, open_page
from siyu.services.why_nothing import Told, why

PAGE = 100
WORDS = {
    Obstacle.NOT_PAID: "nobody has told that it was paid",
    Obstacle.IN_SALE: "it is counted in a sale: explain that one",
    Obstacle.NO_MEMBER: "no member is known to have bought it",
    Obstacle.NOBODY: "nobody brought its buyer",
    Obstacle.PAUSED: "the programme was off when it was paid",
    Obstacle.BELOW_MINIMUM: "less was paid than the rules ask for",
    Obstacle.BEFORE_JOINING: "it was paid before its buyer joined",
    Obstacle.TOO_LATE: "the time in which a friend's orders count was over",
    Obstacle.NOT_NEW: "its buyer had bought before they joined",
    Obstacle.NOT_FIRST: "its buyer had bought on a day before",
    Obstacle.EXCLUDED: "all of it was goods that earn nothing",
    Obstacle.NO_WORTH: "by the rules it is worth less than a unit",
    Obstacle.UNSETTLED: "its credit is on its way: ask again in a minute",
}


def explain_command(options: Namespace, _now: datetime) -> int:
    _show(why(_key(options.order)), as_json=options.json)
    return 0


def credits_command(options: Namespace, _now: datetime) -> int:
    found = list(islice(_waiting(options.referrer, options.reason), options.limit))
    rows = [
        {
            "order": one.order_key,
            "verdict": one.verdict.value,
            "reasons": list(one.decision.reasons),
            "referrer": one.referrer_id,
            "friend": one.referee_id,
            "kept_minor": one.kept_minor,
            "waits_since": one.waits_since,
        }
        for one in found
    ]
    table(rows, as_json=options.json)
    if not found:
        note("nothing waits for a decision")
    elif len(found) == options.limit:
        note("there may be more: --limit N")
    return 0


def approve_command(options: Namespace, now: datetime) -> int:
    return _decide(options, Verdict.APPROVE, now, fraud=False)


def block_command(options: Namespace, now: datetime) -> int:
    return _decide(options, Verdict.BLOCK, now, fraud=options.fraud)


def _decide(options: Namespace, verdict: Verdict, now: datetime, *, fraud: bool) -> int:
    key = _key(options.order)
    decided = decide_credit(key, verdict, options.by, now, options.note or "", fraud=fraud)
    _show(why(decided), as_json=options.json)
    return 0


def _show(told: Told, *, as_json: bool) -> None:
    if as_json:
        show(ExplanationResponse.from_domain(told).model_dump(mode="json"), as_json=True)
        return
    credit = CreditResponse.from_domain(told.explained) if told.explained else None
    because = {"nothing_because": [one.value for one in told.obstacles]} if told.obstacles else {}
    sale = {"counted_in": told.counted_in} if told.counted_in else {}
    whole = credit.model_dump(mode="json", exclude={"id"}) if credit else {"credit": None}
    show({"order_key": told.order_key, **because, **sale, **whole}, as_json=False)
    for one in told.obstacles:
        note(f"{one.value}: {WORDS[one]}")
    if credit and credit.refunded_beyond_paid_minor:
        note(f"{credit.refunded_beyond_paid_minor} more was refunded than was paid")


def _waiting(referrer: str | None, reason: str | None) -> Iterator[Credit]:
    """Those in review, oldest first, page after page."""
    page = open_page(referrer, reason, PAGE, None)
    yield from page.credits
    while page.after is not None:
        page = open_page(referrer, reason, PAGE, page.after)
        yield from page.credits


def _key(text: str) -> str:
    """An order's key as it is, or its credit's name in URLs. Raises NotFoundError."""
    return text if "#" in text else order_key(text)
