"""/v1/console/referrers: whom a member brought, and whether they are staff or suspended."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import console
from siyu.api import referrer as wire
from siyu.http import http_app, received_at, unkept
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.referrer_standing import set_standing
from siyu.services.show_referrer import show_referrer

router = APIGatewayHttpRouter()
PATH = "/v1/console/referrers/<member>"


@router.get(PATH, **wire.SHOW)
def show(member: str) -> Response[wire.ReferrerResponse]:
    """Who brought them, whom they brought, and what came of it."""
    name = console.operator(router)
    told = show_referrer(member)
    logger.info("referrer_shown", operator=name, member=member)
    return unkept(wire.ReferrerResponse.from_domain(told))


@router.put(f"{PATH}/standing", **wire.SET)
def stand(member: str, body: wire.StandingRequest) -> Response[wire.StandingResponse]:
    """May be repeated. A celebrity's credits take longer than a request: `more` says so, and the
    same again goes on with them."""
    name, now = console.operator(router), received_at(router)
    settled = set_standing(member, now, staff=body.staff, suspended=body.suspended)
    logger.info(
        "standing_set", operator=name, member=member, staff=body.staff, suspended=body.suspended
    )
    return unkept(wire.StandingResponse.of_settled(settled))


app = http_app(router, guard=console.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
