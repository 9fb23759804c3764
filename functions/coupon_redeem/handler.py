"""POST /v1/stores/{store}/redemptions: a till redeems a coupon."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.problem import answers
from siyu.api.redemption import RedemptionResponse, read_redemption
from siyu.errors import CouponRefusedError
from siyu.http import http_app, raw_body, received_at
from siyu.runtime import logger, metrics
from siyu.services.redeem_coupon import redeem_coupon
from siyu.services.verify_till import verify_till

router = APIGatewayHttpRouter()


@router.post(
    "/v1/stores/<store>/redemptions",
    summary="Redeem a coupon at a till",
    tags=["tills"],
    responses=answers(RedemptionResponse, 401, 404, 409, 413, 422, 503),
)
def redeem(store: str) -> Response[str]:
    """Signed as Standard Webhooks prescribe; `webhook-id` is the till's id of this redemption, and
    the same one again is answered alike. Body: `coupon_code` and `spend_minor`, the purchase."""
    event, now = router.current_event, received_at(router)
    headers = {name.lower(): value for name, value in event.headers.items()}
    body = raw_body(event.raw_event)
    redemption_id = verify_till(store, headers, body, now)
    wanted = read_redemption(body)
    redemption = wanted.to_redemption(store, redemption_id, now)
    try:
        coupon = redeem_coupon(wanted.coupon_code, redemption)
    except CouponRefusedError:
        metrics.add_metric("CouponRefused", MetricUnit.Count, 1)
        raise
    metrics.add_metric("CouponRedeemed", MetricUnit.Count, 1)
    answer = RedemptionResponse.from_domain(coupon)
    return Response(200, "application/json", answer.model_dump_json())


app = http_app(router, validate=False)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
