"""GET /v1/me and GET /v1/me/coupons: what a member sees of themselves."""

from typing import Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import session
from siyu.api.coupons import CouponsResponse
from siyu.api.me import MeResponse
from siyu.api.problem import answers
from siyu.http import http_app, received_at
from siyu.invocation import invoked
from siyu.services.known_member import known
from siyu.services.show_member import show_member

router = APIGatewayHttpRouter()


@router.get(
    "/v1/me",
    summary="My membership",
    tags=["members"],
    responses=answers(MeResponse, 401, 404),
    security=[{"session": []}],
)
def me() -> MeResponse:
    """The member comes from the session, never from the request."""
    return MeResponse.from_domain(show_member(session.signed_in(router)))


@router.get(
    "/v1/me/coupons",
    summary="My coupons",
    tags=["members"],
    responses=answers(CouponsResponse, 401, 404),
    security=[{"session": []}],
)
def coupons() -> CouponsResponse:
    """Used and expired ones included."""
    mine = (coupon for _, coupon in known(session.signed_in(router)).coupons)
    return CouponsResponse.from_domain(mine, received_at(router))


app = http_app(router)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
