"""Webhooks of every source: verify, queue, answer. Slim on purpose: no models, no table."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.webhook import CHECK, EVENT
from siyu.channels.contract import Answer, Request
from siyu.counts import count
from siyu.errors import ProbeSignatureError, SignatureError
from siyu.http import http_app, raw_body, received_at
from siyu.invocation import invoked
from siyu.services.receive_webhook import check_address, receive_webhook

router = APIGatewayHttpRouter()


def request() -> Request:
    """What the gateway took in."""
    event = router.current_event
    headers = {name.lower(): value for name, value in event.headers.items()}
    query = event.query_string_parameters
    return Request(headers, query, raw_body(event.raw_event), received_at(router))


def response(answer: Answer) -> Response[str]:
    return Response(answer.status, answer.content_type, answer.body)


@router.get("/v1/webhooks/<source>", **CHECK)
def check(source: str) -> Response[str]:
    """Some senders ask for a proof before they use an address."""
    return response(check_address(source, request()))


@router.post("/v1/webhooks/<source>", **EVENT)
def webhook(source: str) -> Response[str]:
    """A 2xx answer, in the sender's own form, means that the event will not be lost."""
    try:
        answer = receive_webhook(source, request())
    except SignatureError as error:
        if not isinstance(error, ProbeSignatureError):
            count("WebhookRefused")
        raise
    count("WebhookAccepted")
    return response(answer)


app = http_app(router, validate=False)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
