"""/v1/console/programmes: operators look at the versions of the referral rules, and publish."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import console
from siyu.api import programme as wire
from siyu.http import http_app, received_at, unkept
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.publish_programme import publish, published
from siyu.services.sum_programmes import sum_up

router = APIGatewayHttpRouter()
PATH = "/v1/console/programmes"


@router.get(PATH, **wire.LIST)
def versions() -> Response[wire.ProgrammesResponse]:
    """Every version with all its rules and what it gave, and which of them is in force now."""
    console.operator(router)
    now, known = received_at(router), published()
    sums = sum_up(known, now)
    return unkept(wire.ProgrammesResponse.from_domain(known, sums, now))


@router.post(PATH, **wire.PUBLISH)
def one_more(body: wire.ProgrammeRequest) -> Response[wire.ProgrammeBody]:
    """A version is never changed; the same one may be sent again, and is published once."""
    name, now = console.operator(router), received_at(router)
    programme = publish(body.to_draft(), name, now)
    logger.info("programme_published", operator=name, version=programme.version)
    return unkept(wire.ProgrammeBody.from_domain(programme))


app = http_app(router, guard=console.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
