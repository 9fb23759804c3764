"""/v1/console/schemes: operators look at the versions of the segmentation schemes, and publish."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import console
from siyu.api import scheme as wire
from siyu.domain.calendar import business_date
from siyu.http import http_app, received_at, unkept
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.publish_scheme import publish, published

router = APIGatewayHttpRouter()
PATH = "/v1/console/schemes"


@router.get(PATH, **wire.LIST)
def versions() -> Response[wire.SchemesResponse]:
    """Every version with all its rules, and which are in force tonight and on the next night."""
    console.operator(router)
    night = business_date(received_at(router))
    return unkept(wire.SchemesResponse.from_domain(published(), night))


@router.post(PATH, **wire.PUBLISH)
def one_more(body: wire.SchemeRequest) -> Response[wire.SchemeBody]:
    """It counts from the next night on. The rules that the last version has are that version."""
    name, now = console.operator(router), received_at(router)
    made = publish(body.to_scheme(), name, now)
    logger.info("scheme_published", operator=name, scheme=made.name, version=made.version)
    return unkept(wire.SchemeBody.from_domain(made))


app = http_app(router, guard=console.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
