"""POST /v1/scans: a shopper scans a code."""

from typing import Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import session
from siyu.api.problem import answers
from siyu.api.scan import ScanRequest, ScanResponse
from siyu.http import http_app, received_at
from siyu.runtime import logger, metrics
from siyu.services.sign_up import Login, Scan, sign_up
from siyu.wechat.login import openid_of

router = APIGatewayHttpRouter()


@router.post(
    "/v1/scans",
    summary="Scan a code: sign up, claim the receipt",
    tags=["members"],
    responses=answers(ScanResponse, 400, 401, 404, 409, 415, 422, 503),
)
def scan(body: ScanRequest) -> ScanResponse:
    """Idempotent: the same shopper scanning the same receipt again gets the same answer."""
    now = received_at(router)
    outcome = sign_up(
        Scan(body.token, body.referral_code, lambda: Login(openid_of(body.login_code)), now)
    )
    metrics.add_metric("MemberJoined", MetricUnit.Count, int(outcome.joined))
    metrics.add_metric("ReceiptClaimed", MetricUnit.Count, int(outcome.claim == "claimed"))
    return ScanResponse.from_domain(outcome, session.issue(outcome.member_id, now))


app = http_app(router)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
