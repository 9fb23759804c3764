"""Which of several decisions holds where an order comes back to the people it was about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from siyu.domain.credits import Credit
from siyu.domain.referrals import Binding
from siyu.domain.vetting import Decision, FormerRuling, Ruling, Verdict
from siyu.services.credit_case import Case, Estate
from siyu.services.post_credit import UNRULED

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = date(2026, 11, 1)
APPROVED = Ruling(Verdict.APPROVE, ("same_phone",), "cat", AT)
# Eve's by now; Bob's before.
EVES = replace(
    Credit("~sale#42", "ann", "eve", "v", DAY, DAY),
    former=(FormerRuling(("bob", "ann"), APPROVED),),
)
BOBS = Case(
    "~sale#42",
    cast("Any", None),  # nothing of the order or of the rules is asked for
    Binding("bob", "ann", AT - timedelta(days=9)),
    cast("Any", None),
    UNRULED,
)


def test_a_decision_that_does_not_hold_today_is_kept_for_when_it_does() -> None:
    estate = Estate(EVES, [])
    for reasons in (("same_phone",), ("same_phone", "friends_a_day")):
        decision = Decision(Verdict.REVIEW, reasons)
        assert estate.ruling_of(BOBS, None, decision) == APPROVED


def test_one_that_holds_goes_before_a_later_one_that_does_not() -> None:
    later = replace(APPROVED, reasons=("friends_a_day",), at=AT + timedelta(days=1))
    part = replace(EVES, order_key="till#1", referee_id="bob", ruling=later)
    decision = Decision(Verdict.REVIEW, ("same_phone",))
    assert Estate(EVES, [part]).ruling_of(BOBS, part, decision) == APPROVED
