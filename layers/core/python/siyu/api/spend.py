"""POST /v1/stores/{store}/holds, and its capture and void."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from siyu.api.problem import Problem, answers
from siyu.api.wallet_code import shown_code
from siyu.domain.holds import Hold, Wish
from siyu.domain.money import MAX_AMOUNT_MINOR
from siyu.http import raw_body, received_at
from siyu.services.spend_credit import code_of
from siyu.services.verify_till import verify_till

Amount = Annotated[int, Field(strict=True, ge=1, le=MAX_AMOUNT_MINOR)]
R = TypeVar("R", bound=BaseModel)


class HoldRequest(BaseModel):
    """Credit to pay for a purchase of `spend_minor`: exactly `amount_minor` of it, or nothing."""

    model_config = ConfigDict(extra="forbid")

    wallet_code: str = Field(min_length=1, max_length=1024, description="What the member shows")
    amount_minor: Amount
    spend_minor: Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT_MINOR)]


class VoidRequest(BaseModel):
    """Names the hold once more: a till signs its body, and a path could be changed on its way."""

    model_config = ConfigDict(extra="forbid")

    hold: str = Field(min_length=1, max_length=256, description="The hold that the path names")


class CaptureRequest(VoidRequest):
    """What the store takes in; the rest of the hold goes back."""

    amount_minor: Amount


class HoldResponse(BaseModel):
    """A hold as it stands; says nothing about the member, nor of what else they have."""

    status: Literal["held", "captured", "voided"]
    hold: str = Field(description="The till's own id, `webhook-id` of the request that made it")
    held_minor: int = Field(description="What was held, in the currency's minor unit")
    captured_minor: int = Field(description="What the store keeps of it")
    lapses_on: date = Field(
        description="Business day (Asia/Shanghai) on which it is given back if it still stands"
    )

    @classmethod
    def from_domain(cls, hold: Hold) -> "HoldResponse":
        return cls.model_validate(
            {
                "status": hold.state,
                "hold": hold.hold_id,
                "held_minor": hold.amount_minor,
                "captured_minor": hold.captured_minor,
                "lapses_on": hold.lapses_on,
            }
        )


class HoldProblem(Problem):
    """Why no credit was held; by `credit_not_enough` a till also learns what there is, and by
    `referrer_suspended` only that the member pays with none of it for now."""

    spendable_minor: int | None = Field(
        None, description="Only of `credit_not_enough`: what could be held by this code instead"
    )


def read(model: type[R], body: bytes, hold: str | None = None) -> R:
    """A body whose signature held, about the hold that the path names. Raises
    RequestValidationError."""
    try:
        wanted = model.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in found]
        ) from None
    if getattr(wanted, "hold", hold) != hold:
        raise RequestValidationError([{"loc": ("body", "hold"), "msg": "not the one of the path"}])
    return wanted


def signed(router: APIGatewayHttpRouter, store: str) -> tuple[str, bytes]:
    """The id and the body of a request that the store's till signed. Raises TooLargeError and
    SignatureError."""
    event = router.current_event
    headers = {name.lower(): value for name, value in event.headers.items()}
    body = raw_body(event.raw_event)
    return verify_till(store, headers, body, received_at(router)), body


def wish(router: APIGatewayHttpRouter, store: str) -> tuple[Wish, datetime]:
    """What a till asks for, and when. Raises like `signed` and `read`, and CodeNotValidError."""
    (hold_id, body), now = signed(router, store), received_at(router)
    asked = read(HoldRequest, body)
    code = code_of(partial(shown_code, asked.wallet_code), store, hold_id, now)
    return Wish(store, hold_id, code, asked.amount_minor, asked.spend_minor), now


def _about(summary: str, conflict: type[Problem] = Problem) -> dict[str, Any]:
    """What the document says of a route."""
    responses = answers(HoldResponse, 401, 404, 409, 413, 422, 503)
    responses[409]["content"]["application/problem+json"]["model"] = conflict
    return {"summary": summary, "tags": ["tills"], "responses": responses}


HOLD = _about("Hold credit for a purchase", HoldProblem)
CAPTURE = _about("Take in what is held")
VOID = _about("Give back a hold, or what was taken in")
