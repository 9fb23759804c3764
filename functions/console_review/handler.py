"""/v1/console/credits: operators look at why an order earned what it earned, and decide."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import console, credit_id
from siyu.api import credit_review as wire
from siyu.domain.vetting import Verdict
from siyu.http import http_app, received_at, unkept
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.explain_credit import explain_credit
from siyu.services.review_credits import decide_credit, open_page
from siyu.services.why_nothing import why

router = APIGatewayHttpRouter()
PATH = "/v1/console/credits"


@router.get(PATH, **wire.LIST)
def waiting(
    referrer: wire.Filter = None,
    reason: wire.Filter = None,
    limit: wire.Limit = 20,
    cursor: wire.Cursor = None,
) -> Response[wire.CreditsResponse]:
    """What waits for a decision, oldest first."""
    console.operator(router)
    page = open_page(referrer, reason, limit, wire.place(cursor))
    return unkept(wire.CreditsResponse.from_domain(page))


@router.get(f"{PATH}/<credit>", **wire.SHOW)
def show(credit: str) -> Response[wire.ExplanationResponse]:
    """What it was computed from, or why there is none; also by the order's key, `shop%231001`."""
    name, told = console.operator(router), why(wire.order_key(credit))
    logger.info("credit_shown", operator=name, order_key=told.order_key)
    return unkept(wire.ExplanationResponse.from_domain(told))


@router.post(f"{PATH}/<credit>/decision", **wire.DECIDE)
def decide(credit: str, body: wire.DecisionRequest) -> Response[wire.CreditResponse]:
    """The same decision may be repeated; another one takes its place, and the money follows."""
    name, now = console.operator(router), received_at(router)
    key, fraud = wire.order_key(credit), body.fraud
    key = decide_credit(key, Verdict(body.verdict), name, now, body.note, fraud=fraud)
    logger.info("credit_decided", operator=name, order_key=key, verdict=body.verdict, fraud=fraud)
    return unkept(wire.CreditResponse.from_domain(explain_credit(key)))


app = http_app(router, guard=console.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(credit_id.with_keys(event), context)
