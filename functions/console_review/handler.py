"""/v1/console/credits: operators look at why a credit stands as it does, and decide."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import console
from siyu.api import credit_review as wire
from siyu.domain.vetting import Verdict
from siyu.http import http_app, received_at
from siyu.runtime import logger
from siyu.services.explain_credit import explain_credit
from siyu.services.review_credits import decide_credit, open_page

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
    return console.unkept(wire.CreditsResponse.from_domain(page))


@router.get(f"{PATH}/<credit>", **wire.SHOW)
def show(credit: str) -> Response[wire.CreditResponse]:
    """Amounts, reasons and evidence, and what each refund took of it."""
    name = console.operator(router)
    told = explain_credit(wire.order_key(credit))
    logger.info("credit_shown", operator=name, credit=credit)
    return console.unkept(wire.CreditResponse.from_domain(told))


@router.post(f"{PATH}/<credit>/decision", **wire.DECIDE)
def decide(credit: str, body: wire.DecisionRequest) -> Response[wire.CreditResponse]:
    """The same decision may be repeated; another one takes its place, and the money follows."""
    name, now = console.operator(router), received_at(router)
    key, verdict = wire.order_key(credit), Verdict(body.verdict)
    decide_credit(key, verdict, name, now, body.note, fraud=body.fraud)
    logger.info("credit_decided", operator=name, credit=credit, verdict=verdict, fraud=body.fraud)
    return console.unkept(wire.CreditResponse.from_domain(explain_credit(key)))


app = http_app(router, guard=console.let_in)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
