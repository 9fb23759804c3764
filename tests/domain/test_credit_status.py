"""What a credit comes to is one word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from siyu.domain.credit_status import CreditStatus, status_of
from siyu.domain.credits import Credit
from siyu.domain.ledger import RELEASED
from siyu.domain.vetting import Decision, Verdict

DAY = date(2026, 11, 22)
PENDING = Credit("shop#1", "ANN", "BOB", "v", DAY, DAY, earned_minor=500, granted_minor=500)
DOUBTED = replace(PENDING, decision=Decision(Verdict.REVIEW, ("share_of_order",)))
REFUSED = replace(DOUBTED, decision=Decision(Verdict.BLOCK, ("ring",)), reversed_minor=500)
LET_GO = replace(PENDING, state=RELEASED)


@pytest.mark.parametrize(
    ("credit", "status", "while_suspended"),
    [
        (PENDING, "pending", "frozen"),
        (LET_GO, "released", "frozen"),
        (replace(LET_GO, expired_minor=500), "released", "frozen"),
        (replace(PENDING, reversed_minor=200), "pending", "frozen"),
        (replace(PENDING, reversed_minor=500), "reversed", "reversed"),
        (replace(LET_GO, reversed_minor=500), "reversed", "reversed"),
        (replace(PENDING, earned_minor=0, granted_minor=0), "pending", "frozen"),
        (DOUBTED, "in_review", "in_review"),
        (replace(DOUBTED, reversed_minor=500), "reversed", "reversed"),
        (replace(DOUBTED, state=RELEASED), "released", "frozen"),
        (REFUSED, "blocked", "blocked"),
        (replace(REFUSED, state=RELEASED), "blocked", "blocked"),
    ],
)
def test_it_is_the_first_that_is_so(credit: Credit, status: str, while_suspended: str) -> None:
    assert status_of(credit, frozen=False) == status
    assert status_of(credit, frozen=True) == while_suspended


def test_every_word_is_used() -> None:
    assert {one.value for one in CreditStatus} == {
        *("pending", "in_review", "blocked", "released", "frozen", "reversed"),
    }
