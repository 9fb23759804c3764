"""/v1/console/audiences: operators count the members of a query, and ask for a file of them."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import audience_answers as wire
from siyu.api import console
from siyu.api.audience import AudienceQuery
from siyu.http import http_app, received_at, unkept
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.preview_audience import preview
from siyu.services.request_audience import ask_for, find, latest

router = APIGatewayHttpRouter()
PATH = "/v1/console/audiences"
MARGIN_MILLISECONDS = 12_000  # room for the shards that are just being read


@router.post(f"{PATH}/preview", **wire.PREVIEW)
def count(body: AudienceQuery) -> Response[wire.PreviewResponse]:
    """Exact up to a million members, else an estimate with its interval."""
    left, who = router.lambda_context.get_remaining_time_in_millis, console.operator(router)
    found = preview(body.to_query(), lambda: left() < MARGIN_MILLISECONDS)
    logger.info("audience_previewed", operator=who, query=body.told, members=found.members)
    return unkept(wire.PreviewResponse.from_domain(found))


@router.post(PATH, **wire.ASK)
def ask(body: AudienceQuery, idempotency_key: wire.Key = None) -> Response[wire.AudienceBody]:
    """The file is written in the background: look at the audience until it is done."""
    one = ask_for(body.body(), console.operator(router), received_at(router), idempotency_key)
    logger.info("audience_asked", operator=one.asked_by, audience=one.audience_id, query=body.told)
    return unkept(wire.AudienceBody.from_domain(one), 202)


@router.get(PATH, **wire.LIST)
def listed() -> Response[wire.AudiencesResponse]:
    """Those of all operators."""
    return unkept(wire.AudiencesResponse.from_domain(latest(received_at(router))))


@router.get(f"{PATH}/<audience>", **wire.SHOW)
def show(audience: str) -> Response[wire.AudienceResponse]:
    """Once it is done, with a link to the file that works for 15 minutes."""
    found = find(audience, received_at(router))
    logger.info("audience_shown", operator=console.operator(router), audience=audience)
    return unkept(wire.AudienceResponse.from_domain(found))


app = http_app(router, guard=console.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
