"""POST /v1/scans: a shopper scans a code and is a member, with a session and a coupon."""

from typing import Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import session
from siyu.api.problem import answers
from siyu.api.scan import ScanRequest, ScanResponse
from siyu.counts import count
from siyu.errors import CodeNotValidError, TooManyRequestsError
from siyu.http import http_app, received_at, source_address
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.scan_limits import wall
from siyu.services.sign_up import sign_up
from siyu.wechat.login import login_of

router = APIGatewayHttpRouter()


@router.post(
    "/v1/scans",
    summary="Scan a code: sign up, claim a receipt",
    tags=["members"],
    responses=answers(ScanResponse, 400, 401, 404, 409, 415, 422, 429, 503),
)
def scan(body: ScanRequest) -> ScanResponse:
    """The receipt's purchase is claimed by whoever scans it first."""
    now, address = received_at(router), source_address(router)
    try:
        wall.pass_through(address, now)
        outcome = sign_up(body.to_scan(login_of, address, now))
    except (CodeNotValidError, TooManyRequestsError):
        # What an alarm on guessing watches.
        count("ScanRefused")
        raise
    logger.info(
        "scan_accepted", member=outcome.member_id, joined=outcome.joined, claim=outcome.claim
    )
    count("MemberJoined", int(outcome.joined))
    count("ReceiptClaimed", int(outcome.claim == "claimed"))
    return ScanResponse.from_domain(outcome, session.issue(outcome.member_id, now))


app = http_app(router)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
