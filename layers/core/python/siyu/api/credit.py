"""A referral credit as operators see it."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from siyu.api import credit_id
from siyu.domain.credit_status import CreditStatus, status_of
from siyu.domain.credits import Credit
from siyu.domain.vetting import Verdict


class RulingBody(BaseModel):
    """What somebody decided, and for which reasons."""

    model_config = ConfigDict(from_attributes=True)

    verdict: Verdict
    reasons: list[str]
    by: str = Field(description="The operator; `undecided` if nobody decided in time")
    at: datetime
    note: str
    fraud: bool


class OrderCreditBody(BaseModel):
    """A credit as it stands. Amounts are minor units."""

    id: str = Field(description="What the credit is called in URLs: its order key in base64url")
    order_key: str = Field(description="The order as <source>#<id>")
    referrer: str
    friend: str
    programme: str = Field(description="The version of the rules that decides about it")
    status: CreditStatus = Field(
        description="All that follows taken together: `blocked`, by the rules or by somebody;"
        " `reversed`, all of it was taken back; `in_review`, it waits for a decision; `frozen`, its"
        " referrer is suspended, so none of it is released or spent; `released`, also what was"
        " spent or is over; `pending`"
    )
    state: str = Field(description="Where the money is: pending or released")
    verdict: Verdict = Field(description="What holds: the ruling, or the rules' own decision")
    decision: Verdict = Field(description="What the rules make of the evidence")
    reasons: list[str] = Field(description="Why; empty for what is approved")
    opened_on: date
    release_on: date
    expires_on: date | None
    earned_minor: int
    reversed_minor: int
    expired_minor: int
    kept_minor: int = Field(description="Earned minus reversed")
    ruling: RulingBody | None

    @classmethod
    def waiting(cls, credit: Credit) -> "OrderCreditBody":
        """One that is in review, which it is whoever is suspended."""
        return cls(**cls.fields(credit, frozen=False))

    @staticmethod
    def fields(credit: Credit, *, frozen: bool) -> dict[str, Any]:
        """Its members by name; `frozen` says that its referrer is suspended."""
        return {
            "id": credit_id.encode(credit.order_key),
            "order_key": credit.order_key,
            "referrer": credit.referrer_id,
            "friend": credit.referee_id,
            "programme": credit.programme,
            "status": status_of(credit, frozen=frozen),
            "state": credit.state,
            "verdict": credit.verdict,
            "decision": credit.decision.verdict,
            "reasons": list(credit.decision.reasons),
            "opened_on": credit.opened_on,
            "release_on": credit.release_on,
            "expires_on": credit.expires_on,
            "earned_minor": credit.earned_minor,
            "reversed_minor": credit.reversed_minor,
            "expired_minor": credit.expired_minor,
            "kept_minor": credit.kept_minor,
            "ruling": RulingBody.model_validate(credit.ruling) if credit.ruling else None,
        }
