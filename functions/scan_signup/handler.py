"""POST /v1/scans: a shopper scans a code and is a member, with a session and a coupon."""

from typing import Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import session
from siyu.api.problem import answers
from siyu.api.scan import ScanRequest, ScanResponse
from siyu.errors import CodeNotValidError, TooManyRequestsError
from siyu.http import http_app, received_at, source_address
from siyu.runtime import logger, metrics
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
    except (CodeNotValidError, TooManyRequestsError) as refusal:
        # What an alarm on guessing watches.
        metrics.add_metric("ScanRefused", MetricUnit.Count, 1)
        metrics.add_metadata("reason", refusal.reason)
        raise
    metrics.add_metric("MemberJoined", MetricUnit.Count, int(outcome.joined))
    metrics.add_metric("ReceiptClaimed", MetricUnit.Count, int(outcome.claim == "claimed"))
    return ScanResponse.from_domain(outcome, session.issue(outcome.member_id, now))


app = http_app(router)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
