"""GET /v1/me/credit and /v1/me/credit/entries, POST /v1/me/credit/code."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from siyu.api.problem import answers
from siyu.api.wallet_code import WalletCodeResponse
from siyu.domain.ledger import Balance
from siyu.settings import settings

if TYPE_CHECKING:
    # Whoever shows one has loaded the service; an export link needs none of it.
    from siyu.services.show_wallet import Line, Page, Wallet

SECURITY: Any = [{"session": []}]

Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=64, description="`next` of the page before")]


class StatesBody(BaseModel):
    """A person's credit by state, in minor units."""

    pending_minor: int = Field(description="Not spendable yet: its order may still be returned")
    released_minor: int = Field(description="Below zero it is a debt, which later credit pays off")
    held_minor: int = Field(description="Promised to a till")

    @classmethod
    def of(cls, balance: Balance) -> "StatesBody":
        return cls(
            pending_minor=balance.pending_minor,
            released_minor=balance.released_minor,
            held_minor=balance.held_minor,
        )


class WalletResponse(StatesBody):
    """Pending, released and held together are earned less reversed, spent and expired."""

    currency: str
    spendable_minor: int = Field(description="What a till takes at most; 0 while all of it rests")
    earned_minor: int
    reversed_minor: int
    spent_minor: int
    expired_minor: int
    in_review_minor: int = Field(description="Of what is pending, what somebody looks at first")
    next_release_on: date | None = Field(
        description="Business day (Asia/Shanghai) on which some of it becomes spendable"
    )
    next_expiry_on: date | None = Field(
        description="Business day in whose night, at 02:00, some of it ends unless it is spent"
    )
    next_expiry_minor: int = Field(description="How much ends then; 0 where nothing does")

    @classmethod
    def from_domain(cls, wallet: "Wallet") -> "WalletResponse":
        balance = wallet.balance
        return cls(
            **StatesBody.of(balance).model_dump(),
            currency=settings().currency,
            spendable_minor=wallet.spendable_minor,
            earned_minor=balance.earned_minor,
            reversed_minor=balance.reversed_minor,
            spent_minor=balance.spent_minor,
            expired_minor=balance.expired_minor,
            in_review_minor=wallet.in_review_minor,
            next_release_on=wallet.next_release_on,
            next_expiry_on=wallet.next_expiry_on,
            next_expiry_minor=wallet.next_expiry_minor,
        )


class LineBody(BaseModel):
    """One movement of credit; says nothing of whose order it was."""

    id: str
    kind: str = Field(description="earn, reverse, release, hold, capture, void, expire or restore")
    at: datetime
    amount_minor: int = Field(description="What was moved, above zero")
    effect_minor: int = Field(description="By how much all states together became more, or less")
    purchase: str = Field(
        description="The same for all entries about one purchase: a friend's, or one paid at a till"
    )
    purchase_on: date = Field(description="Business day of the first entry about it")
    programme: str | None = Field(description="The version of the rules it was earned by")
    store: str | None = Field(description="The store whose till it is about")
    before: StatesBody
    after: StatesBody

    @classmethod
    def of(cls, line: "Line") -> "LineBody":
        return cls(
            id=line.mark,
            kind=line.entry.kind,
            at=line.posted_at,
            amount_minor=line.entry.amount_minor,
            effect_minor=line.effect_minor,
            purchase=line.purchase,
            purchase_on=line.purchase_on,
            programme=line.entry.programme,
            store=line.store,
            before=StatesBody.of(line.before),
            after=StatesBody.of(line.after),
        )


class StatementResponse(BaseModel):
    """Every entry, newest first; `before` is always the `after` of the entry below."""

    currency: str
    entries: list[LineBody]
    next: str | None = Field(description="Where the next page begins; None on the last")

    @classmethod
    def from_domain(cls, page: "Page") -> "StatementResponse":
        entries = [LineBody.of(line) for line in page.lines]
        return cls(currency=settings().currency, entries=entries, next=page.after)


def no_cursor() -> RequestValidationError:
    """What is said of a cursor that is none of the member's."""
    said = {"loc": ("query", "cursor"), "msg": "not the `next` of a page of yours"}
    return RequestValidationError([said])


def _about(summary: str, success: type[BaseModel], *refusals: int) -> dict[str, Any]:
    """What the document says of a route."""
    responses = answers(success, 401, 404, *refusals)
    return {"summary": summary, "tags": ["members"], "responses": responses, "security": SECURITY}


CREDIT = _about("My credit", WalletResponse)
ENTRIES = _about("Every movement of my credit", StatementResponse, 422)
CODE = _about("A code to pay with", WalletCodeResponse)
