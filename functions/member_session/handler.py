"""POST /v1/sessions: a member comes back without scanning anything."""

from typing import Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import session
from siyu.api.problem import answers
from siyu.api.sessions import SessionBody, SessionRequest
from siyu.http import http_app, received_at, source_address
from siyu.invocation import invoked
from siyu.services.open_session import open_session
from siyu.services.scan_limits import wall
from siyu.wechat.login import login_of

router = APIGatewayHttpRouter()


@router.post(
    "/v1/sessions",
    summary="Sign in",
    tags=["members"],
    responses=answers(SessionBody, 400, 401, 404, 415, 422, 429, 503),
)
def sign_in(body: SessionRequest) -> SessionBody:
    """404 means that the shopper never joined: then they scan a code."""
    now = received_at(router)
    wall.pass_through(source_address(router), now)
    member_id = open_session(login_of(body.login_code), now)
    return SessionBody.from_session(session.issue(member_id, now))


app = http_app(router)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
