"""What a credit comes to, in one word, for whoever does not want to put it together."""

from enum import StrEnum

from siyu.domain.credits import Credit
from siyu.domain.ledger import RELEASED


class CreditStatus(StrEnum):
    """Where a credit stands: its verdict, what goods came back, its referrer and where the money
    is, taken together. What is spent or over was released."""

    PENDING = "pending"
    IN_REVIEW = "in_review"
    BLOCKED = "blocked"
    RELEASED = "released"
    FROZEN = "frozen"
    REVERSED = "reversed"


def status_of(credit: Credit, *, frozen: bool) -> CreditStatus:
    """The first that is so: refused by somebody or by the rules; all of it taken back; waiting for
    a decision; `frozen`, since its referrer is suspended; released; pending."""
    if credit.blocked:
        return CreditStatus.BLOCKED
    if credit.reversed_minor and credit.kept_minor == 0:
        return CreditStatus.REVERSED
    if credit.in_review:
        return CreditStatus.IN_REVIEW
    if frozen:
        return CreditStatus.FROZEN
    return CreditStatus.RELEASED if credit.state == RELEASED else CreditStatus.PENDING
