"""GET and POST /v1/me/consents: what a member agreed to, and what they decide now."""

from typing import Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import session
from siyu.api.consents import ConsentRequest, ConsentsResponse
from siyu.api.problem import answers
from siyu.http import http_app, received_at, source_address
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.known_member import known
from siyu.services.record_consent import record_consent

router = APIGatewayHttpRouter()


@router.get(
    "/v1/me/consents",
    summary="My consents",
    tags=["members"],
    responses=answers(ConsentsResponse, 401, 404),
    security=[{"session": []}],
)
def consents() -> ConsentsResponse:
    """A purpose that is not named was never agreed to."""
    return ConsentsResponse.from_domain(known(session.signed_in(router)).consents)


@router.post(
    "/v1/me/consents",
    summary="Agree, or withdraw",
    tags=["members"],
    responses=answers(ConsentsResponse, 400, 401, 404, 415, 422, 503),
    security=[{"session": []}],
)
def decide(body: ConsentRequest) -> ConsentsResponse:
    """A withdrawal is the same call with `granted` false."""
    member_id = session.signed_in(router)
    decision = body.to_domain(source_address(router), received_at(router))
    decided = record_consent(member_id, decision)
    logger.info("consent_decided", member=member_id, purpose=body.purpose, granted=body.granted)
    return ConsentsResponse.from_domain(decided)


app = http_app(router, guard=session.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
