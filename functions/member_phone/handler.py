"""POST /v1/me/phone: a member shares the number that WeChat has verified."""

from typing import Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import session
from siyu.api.phone import PhoneRequest, PhoneResponse
from siyu.api.problem import answers
from siyu.http import http_app, received_at
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.link_phone import link_own_phone
from siyu.wechat.login import login_of
from siyu.wechat.phone import phone_of

router = APIGatewayHttpRouter()


@router.post(
    "/v1/me/phone",
    summary="Link my phone number",
    tags=["members"],
    responses=answers(PhoneResponse, 400, 401, 404, 415, 422, 503),
    security=[{"session": []}],
)
def link(body: PhoneRequest) -> PhoneResponse:
    """`review` says that another account has had the number, and no more. That much may be known to
    whoever has just proved that they hold it; they would notice anyway that it is not linked."""
    member_id, login = session.signed_in(router), login_of(body.login_code)
    linked = link_own_phone(member_id, login, lambda: phone_of(body.code), received_at(router))
    logger.info("phone_linked", member=member_id, status=linked.status)
    return PhoneResponse.from_domain(linked)


app = http_app(router, guard=session.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
