"""POST /v1/webhooks/{source}: verify, queue, answer. Slim on purpose: no models, no table."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.http import http_app, raw_body, received_at
from siyu.runtime import logger, metrics
from siyu.services.receive_webhook import receive_webhook

router = APIGatewayHttpRouter()


# In plain words: the models that describe a problem elsewhere would double this cold start.
REFUSALS = {
    400: "The body is not UTF-8",
    401: "Signature, timestamp or headers do not hold",
    404: "No such source",
    413: "The body is too large",
}
ANSWERS: Any = {202: {"description": "Accepted: it will not be lost"}} | {
    status: {"description": text, "content": {"application/problem+json": {}}}
    for status, text in REFUSALS.items()
}


@router.post(
    "/v1/webhooks/<source>", summary="Take in an order event", tags=["orders"], responses=ANSWERS
)
def webhook(source: str) -> Response[str]:
    """Signed as Standard Webhooks prescribe; the answer 202 means that it will not be lost."""
    event = router.current_event
    headers = {name.lower(): value for name, value in event.headers.items()}
    receive_webhook(source, headers, raw_body(event.raw_event), received_at(router))
    metrics.add_metric("WebhookAccepted", MetricUnit.Count, 1)
    return Response(HTTPStatus.ACCEPTED, "application/json", '{"status":"accepted"}')


app = http_app(router, validate=False)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
