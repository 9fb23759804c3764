"""POST /v1/stores/{store}/redemptions: a till redeems a coupon."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.problem import answers
from siyu.api.redemption import RedemptionResponse, read_redemption
from siyu.counts import count
from siyu.errors import CouponRefusedError
from siyu.http import http_app, raw_body, received_at
from siyu.invocation import invoked
from siyu.runtime import logger
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
    the same one again is answered alike. Body: `coupon_code` and `spend_minor`, the purchase. 409
    ends with the reason: coupon_used, coupon_expired, below_minimum_spend, person_limit_reached,
    redemption_id_used; of a coupon for joining by a referral also self_referral, referral_in_doubt
    (somebody has to look first), referral_refused."""
    event, now = router.current_event, received_at(router)
    headers = {name.lower(): value for name, value in event.headers.items()}
    body = raw_body(event.raw_event)
    redemption_id = verify_till(store, headers, body, now)
    wanted = read_redemption(body)
    redemption = wanted.to_redemption(store, redemption_id, now)
    try:
        coupon = redeem_coupon(wanted.coupon_code, redemption)
    except CouponRefusedError:
        count("CouponRefused")
        raise
    count("CouponRedeemed")
    logger.info("coupon_redeemed", store=store, redemption=redemption_id)
    answer = RedemptionResponse.from_domain(coupon)
    return Response(200, "application/json", answer.model_dump_json())


app = http_app(router, validate=False)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
