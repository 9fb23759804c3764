"""The console's view of referral credits: GET those in review, GET one order's, POST a decision."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from siyu.api import credit_id
from siyu.api.console import SECURITY
from siyu.api.credit import OrderCreditBody
from siyu.api.credit_books import BackBody, LedgerEntryBody
from siyu.api.problem import answers
from siyu.api.strict import Strict
from siyu.domain.referrals import Obstacle
from siyu.errors import NotFoundError
from siyu.services.explain_credit import Explained
from siyu.services.review_credits import Page
from siyu.services.why_nothing import Told

MAX_LIMIT = 100
MAX_FILTER_CHARS = 64
MAX_NOTE_CHARS = 200
Fact = bool | int | str | None

Filter = Annotated[str | None, Query(max_length=MAX_FILTER_CHARS)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(description="`next` of the page before")]


class CreditsResponse(BaseModel):
    """Credits in review, oldest first; what happened in the last moments may be missing.

    A filter looks through some hundred credits a page, so a page may be empty and not the last.
    """

    credits: list[OrderCreditBody]
    next: str | None = Field(description="Where the next page begins; None on the last")

    @classmethod
    def from_domain(cls, page: Page) -> "CreditsResponse":
        after = credit_id.encode(f"{page.after[0]}#{page.after[1]}") if page.after else None
        return cls(
            credits=[OrderCreditBody.waiting(one) for one in page.credits],
            next=after,
        )


class CreditResponse(OrderCreditBody):
    paid_minor: int
    paid_at: datetime | None
    net_minor: int = Field(description="What is left of the order after all that went back")
    granted_minor: int = Field(description="What caps and budget let through")
    limited_by: list[str] = Field(description="The caps that did not let everything through")
    evidence: dict[str, Fact] = Field(description="What the decision was made from")
    checks: dict[str, Fact] = Field(description="The numbers beyond which somebody looks first")
    refunds: list[BackBody]
    otherwise_reversed_minor: int = Field(
        description="What was taken back for another reason than a refund; with the shares, all:"
        " the credit was refused, or its order went to another buyer, became part of a sale, fell"
        " under another version of the rules or is no first purchase any more. Some of it may have"
        " been earned anew since"
    )
    refunded_beyond_paid_minor: int = Field(
        description="How much more went back than was paid; it takes back no more of the credit"
    )
    entries: list[LedgerEntryBody]

    @classmethod
    def from_domain(cls, told: Explained) -> "CreditResponse":
        credit, order = told.credit, told.order
        return cls(
            **OrderCreditBody.fields(credit, frozen=told.frozen),
            paid_minor=order.paid_minor,
            paid_at=order.paid.occurred_at if order.paid else None,
            net_minor=order.net_minor,
            granted_minor=credit.granted_minor,
            limited_by=list(credit.limited_by),
            evidence=asdict(credit.evidence),
            checks=asdict(told.programme.checks),
            refunds=[BackBody.model_validate(back) for back in told.backs],
            otherwise_reversed_minor=told.otherwise_minor,
            refunded_beyond_paid_minor=told.beyond_paid_minor,
            entries=[LedgerEntryBody.from_domain(*posted) for posted in told.entries],
        )


class ExplanationResponse(BaseModel):
    """Why an order earned what it earned, or nothing."""

    id: str = Field(description="What it is called in URLs: its order key in base64url")
    order_key: str = Field(description="The order as <source>#<id>")
    credit: CreditResponse | None = Field(description="None for an order that has earned nothing")
    nothing_because: list[Obstacle] = Field(
        description="Why the rules give nothing for the order, apart from refunds and from what was"
        " decided about its credit: `not_paid`; `counted_in_sale`, see `counted_in`; `no_member`,"
        " nobody knows who bought; `nobody_brought_the_buyer`; `programme_paused` or"
        " `below_minimum` by the rules in force when it was paid; `before_joining`;"
        " `after_referral_time`; `not_new`, the buyer had bought before they joined;"
        " `not_first_purchase`; `excluded_goods`, all of it; `worth_nothing`, less than a unit;"
        " `not_settled_yet`, ask again in a minute"
    )
    counted_in: str | None = Field(description="The key of the sale the order is counted in")

    @classmethod
    def from_domain(cls, told: Told) -> "ExplanationResponse":
        return cls(
            id=credit_id.encode(told.order_key),
            order_key=told.order_key,
            credit=CreditResponse.from_domain(told.explained) if told.explained else None,
            nothing_because=list(told.obstacles),
            counted_in=told.counted_in,
        )


class DecisionRequest(Strict):
    """Who decides is said by the token. Any credit may be blocked, also one that was released or
    spent, which makes a debt, and one that the rules do not doubt: then a note says why, else it is
    refused as `note_needed`. One that is approved without a decision is not approved once more:
    `nothing_to_decide`. An order that tells of a sale stands for the sale."""

    verdict: Literal["approve", "block"]
    fraud: bool = Field(
        default=False, strict=True, description="It was one, which counts against the referrer"
    )
    note: str = Field(
        default="",
        max_length=MAX_NOTE_CHARS,
        description="Kept for good, so without personal data; needed for what nobody doubts",
    )

    @model_validator(mode="after")
    def _a_fraud_is_blocked(self) -> "DecisionRequest":
        if self.fraud and self.verdict != "block":
            raise PydanticCustomError("fraud", "a fraud is blocked")
        return self


def order_key(name: str) -> str:
    """The order behind its name in a URL, which may also be its key. Raises NotFoundError."""
    try:
        return credit_id.read(name)
    except ValueError:
        raise NotFoundError("no such order") from None


def place(cursor: str | None) -> tuple[date, str] | None:
    """Where a page begins. Raises RequestValidationError for what no page gave."""
    if cursor is None:
        return None
    try:
        return _place(credit_id.decode(cursor))
    except ValueError:
        fault = {"type": "value_error", "loc": ("query", "cursor"), "msg": "not the next of a page"}
        raise RequestValidationError([fault]) from None


def _place(text: str) -> tuple[date, str]:
    day, _, key = text.partition("#")
    opened_on = date.fromisoformat(day)
    if opened_on.isoformat() != day or not key:
        raise ValueError("no place in the list")
    return opened_on, key


def _about(summary: str, success: type[BaseModel], *refusals: int) -> dict[str, Any]:
    """What the document says of a route."""
    responses = answers(success, 401, *refusals)
    return {"summary": summary, "tags": ["console"], "responses": responses, "security": SECURITY}


LIST = _about("Credits in doubt", CreditsResponse, 422)
SHOW = _about("Why an order earned what it earned, or nothing", ExplanationResponse, 404)
DECIDE = _about("Decide about it", CreditResponse, 400, 404, 409, 415, 422, 503)
