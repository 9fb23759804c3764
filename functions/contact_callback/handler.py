"""GET and POST of WeCom's and WeChat's callbacks: verify, queue, answer. No models, no table."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.webhook import CALLBACK, CALLBACK_CHECK
from siyu.counts import count
from siyu.http import http_app, raw_body, received_at
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.accounts import OFFICIAL_ACCOUNT, WECOM
from siyu.services.receive_callback import check_url, receive_callback

router = APIGatewayHttpRouter()
ACCOUNTS = {"/v1/wecom/callback": WECOM, "/v1/wechat/callback": OFFICIAL_ACCOUNT}
PLAIN = "text/plain; charset=utf-8"


@router.get("/v1/wecom/callback", **CALLBACK_CHECK)
@router.get("/v1/wechat/callback", **CALLBACK_CHECK)
def check() -> Response[str]:
    """WeCom and WeChat ask this when somebody enters our address; the answer is bare."""
    event = router.current_event
    echo = check_url(ACCOUNTS[event.path], event.query_string_parameters, received_at(router))
    return Response(HTTPStatus.OK, PLAIN, echo)


@router.post("/v1/wecom/callback", **CALLBACK)
@router.post("/v1/wechat/callback", **CALLBACK)
def callback() -> Response[str]:
    """An empty answer means that the event will not be lost, and that we reply nothing."""
    event = router.current_event
    query, body = event.query_string_parameters, raw_body(event.raw_event)
    receive_callback(ACCOUNTS[event.path], query, body, received_at(router))
    logger.info("callback_accepted", account=ACCOUNTS[event.path])
    count("CallbackAccepted")
    return Response(HTTPStatus.OK, PLAIN, "")


app = http_app(router, validate=False)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
